# brms: Stan code written and compiled from a formula.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "timing.R"))
need(c("brms", "rstan", "posterior"))
source(settings$stan_code)
find_boost()
suppressMessages(library(brms))
ready(sprintf("brms %s, rstan %s", packageVersion("brms"), packageVersion("rstan")))

data_of_trials <- data.frame(yi = y, si = sqrt(v), trial = seq_along(y), latitude = latitude)
compiled <- function(formula, mu_sd, tau_scale, more = empty_prior(), data = data_of_trials) {
  priors <- set_prior(sprintf("normal(0, %.17g)", mu_sd), class = "Intercept") +
    set_prior(sprintf("normal(0, %.17g)", tau_scale), class = "sd") + more
  brm(formula, data = data, prior = priors, chains = 0, silent = 2, refresh = 0)
}
drawn <- function(model, data) {
  update(model, newdata = data, recompile = FALSE, chains = settings$chains, cores = 1,
         iter = settings$tune + settings$draws, warmup = settings$tune, seed = settings$seed,
         refresh = 0, silent = 2, control = list(adapt_delta = settings$target_accept))
}
described <- function(fit) {
  names <- c(mu = "b_Intercept", tau = "sd_trial__Intercept", slope = "b_latitude",
             tau = "sd_district__Intercept", omega = "sd_district:school__Intercept")
  names <- names[names %in% variables(fit)]
  draws <- as_draws_array(fit, variable = unname(names))
  posterior::variables(draws) <- names(names)[match(posterior::variables(draws), names)]
  of_draws(draws)
}
plain <- yi | se(si) ~ 1 + (1 | trial)
model <- timed(function() compiled(plain, 1.5, 0.5))
measure("random_effects", 1, function(i) drawn(model$value, data_of_trials), described,
        model$seconds)
measure("leave_one_out", nrow(trials), function(i) drawn(model$value, data_of_trials[-i, ]), described,
        model$seconds)
sloped <- timed(function() {
  compiled(yi | se(si) ~ 1 + latitude + (1 | trial), 1.5, 0.5, set_prior("normal(0, 1)", class = "b"))
})
measure("meta_regression", 1, function(i) drawn(sloped$value, data_of_trials), described, sloped$seconds)
schools$se <- sqrt(schools$v)
several <- timed(function() compiled(y | se(se) ~ 1 + (1 | district/school), 1, 0.5, data = schools))
measure("several_effects", 1, function(i) drawn(several$value, schools), described, several$seconds)
# The numbers of a prior stand in the code, so each variant is compiled.
variants <- settings$variants
measure("prior_variants", nrow(variants), function(i) {
  drawn(compiled(plain, variants[i, 1], variants[i, 2]), data_of_trials)
}, described)
