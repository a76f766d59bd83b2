data {
  int trials;
  array[trials] int events_treated;
  array[trials] int total_treated;
  array[trials] int events_control;
  array[trials] int total_control;
}
parameters {
  real mu;
  real<lower=0> tau;
  vector[trials] u;
  vector[trials] baseline;
}
model {
  mu ~ normal(0, 1.5);
  tau ~ normal(0, 0.5);
  u ~ std_normal();
  baseline ~ normal(0, 10);
  events_control ~ binomial_logit(total_control, baseline);
  events_treated ~ binomial_logit(total_treated, baseline + mu + tau * u);
}
