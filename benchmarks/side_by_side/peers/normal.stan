data {
  int trials;
  int columns;
  vector[trials] y;
  vector[trials] v;
  matrix[trials, columns] x;
  vector[columns] prior_sd;
  real tau_scale;
}
parameters {
  vector[columns] beta;
  real<lower=0> tau;
}
model {
  beta ~ normal(0, prior_sd);
  tau ~ normal(0, tau_scale);
  y ~ normal(x * beta, sqrt(v + square(tau)));
}
