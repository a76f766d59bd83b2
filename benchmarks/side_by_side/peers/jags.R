# JAGS: Gibbs sampling.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "timing.R"))
source(file.path(here, "normal_data.R"))
need(c("rjags", "posterior"))
suppressMessages(library(rjags))
ready(sprintf("JAGS %s, rjags %s", jags.version(), packageVersion("rjags")))

start <- lapply(seq_len(settings$chains), function(chain) {
  list(.RNG.name = "base::Mersenne-Twister", .RNG.seed = settings$seed + chain)
})
compiled <- function(file, data) {
  jags.model(file, data = data, inits = start, n.chains = settings$chains, n.adapt = 0, quiet = TRUE)
}
# Half of the tuning adapts, the other half is thrown away.
drawn <- function(model, names) {
  adapt(model, settings$tune / 2, end.adaptation = TRUE, progress.bar = "none")
  update(model, settings$tune / 2, progress.bar = "none")
  coda.samples(model, names, n.iter = settings$draws, progress.bar = "none")
}
normal <- file.path(here, "normal.jags")
fitted <- function(data) drawn(compiled(normal, data), c("beta", "tau"))
of_normal <- function(found) of_draws(named(posterior::as_draws_array(found)))

# A model keeps its state, so each fit has one of its own; that takes milliseconds.
measure("random_effects", 1, function(i) fitted(normal_data()), of_normal)
measure("meta_regression", 1, function(i) fitted(with_latitude), of_normal)
measure("exact_counts", 1, function(i) drawn(compiled(settings$counts_jags, counts), c("mu", "tau")),
        function(found) of_draws(posterior::as_draws_array(found)))
measure("leave_one_out", nrow(trials), function(i) fitted(normal_data(without = i)), of_normal)
nested <- with(schools, list(effects = length(y), studies = length(unique(district)), y = y, v = v,
                             study = as.integer(factor(district))))
measure("several_effects", 1, function(i) {
  drawn(compiled(file.path(here, "nested.jags"), nested), c("mu", "tau", "omega"))
}, function(found) of_draws(posterior::as_draws_array(found)))
variants <- settings$variants
measure("prior_variants", nrow(variants), function(i) {
  fitted(normal_data(prior_sd = variants[i, 1], tau_scale = variants[i, 2]))
}, of_normal)
