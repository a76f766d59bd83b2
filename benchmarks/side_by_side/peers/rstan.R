# Stan: code by hand, with the effects of the trials integrated out where they are normal.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "timing.R"))
source(file.path(here, "normal_data.R"))
need(c("rstan", "posterior"))
source(settings$stan_code)
suppressMessages(library(rstan))
ready(sprintf("rstan %s", packageVersion("rstan")))

compiled <- function(file) timed(function() stan_model(model_code = stan_code(file)))
drawn <- function(model, data, names) {
  fit <- sampling(model, data = data, pars = names, chains = settings$chains, cores = 1,
                  iter = settings$tune + settings$draws, warmup = settings$tune,
                  seed = settings$seed, refresh = 0,
                  control = list(adapt_delta = settings$target_accept))
  posterior::as_draws_array(as.array(fit))
}
normal <- compiled(file.path(here, "normal.stan"))
fitted <- function(data) drawn(normal$value, data, c("beta", "tau"))
of_normal <- function(found) of_draws(named(found))
measure("random_effects", 1, function(i) fitted(normal_data()), of_normal, normal$seconds)
measure("meta_regression", 1, function(i) fitted(with_latitude), of_normal, normal$seconds)
measure("leave_one_out", nrow(trials), function(i) fitted(normal_data(without = i)), of_normal,
        normal$seconds)
variants <- settings$variants
measure("prior_variants", nrow(variants), function(i) {
  fitted(normal_data(prior_sd = variants[i, 1], tau_scale = variants[i, 2]))
}, of_normal, normal$seconds)
exact <- compiled(settings$counts_stan)
measure("exact_counts", 1, function(i) drawn(exact$value, counts, c("mu", "tau")),
        function(found) of_draws(posterior::subset_draws(found, c("mu", "tau"))), exact$seconds)
