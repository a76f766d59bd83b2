# Derive the figures with JAGS, Stan and brms, whichever are installed. Prints JSON:
# {"version": ..., "figures": {name: values}, "missing": {name: reason}}, or {"not_run": reason}.
# Run from anywhere: Rscript validation/brms_and_jags/derive.R
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
installed <- function(name) requireNamespace(name, quietly = TRUE)
for (name in c("jsonlite", "posterior")) {
  if (!installed(name)) {
    cat(sprintf("{\"not_run\": \"the R package %s is not installed\"}\n", name))
    quit(status = 0)
  }
}
trials <- read.csv(file.path(here, "..", "trials.csv"))
n <- nrow(trials)
counts <- c(list(trials = n),
            as.list(trials[c("events_treated", "total_treated", "events_control", "total_control")]))
a <- trials$events_treated
b <- trials$total_treated - a
c <- trials$events_control
d <- trials$total_control - c
y <- log(a * d / (b * c))
v <- 1 / a + 1 / b + 1 / c + 1 / d
levels <- c(0.025, 0.5, 0.975)
seed <- 20261123
figures <- list()
versions <- R.version.string
missing <- setNames(list(), character(0))
absent <- function(name) sprintf("the R package %s is not installed", name)

described <- function(draws) {
  one <- function(name) {
    x <- posterior::extract_variable_matrix(draws, name)
    mcse <- posterior::mcse_quantile(x, probs = levels)
    list(mean = mean(x), sd = sd(x),
         quantiles = as.list(setNames(quantile(x, levels), levels)),
         ess_bulk = posterior::ess_bulk(x), ess_tail = posterior::ess_tail(x),
         rhat = posterior::rhat(x),
         mcse = list(mean = posterior::mcse_mean(x), sd = posterior::mcse_sd(x),
                     quantiles = as.list(setNames(as.numeric(mcse), levels))))
  }
  list(mu = one("mu"), tau = one("tau"))
}

run_jags <- function(file, data, iterations) {
  start <- lapply(1:4, function(chain) {
    list(.RNG.name = "base::Mersenne-Twister", .RNG.seed = seed + chain)
  })
  model <- rjags::jags.model(file.path(here, file), data = data, inits = start,
                             n.chains = 4, n.adapt = 2000, quiet = TRUE)
  update(model, 2000, progress.bar = "none")
  drawn <- rjags::coda.samples(model, c("mu", "tau"), n.iter = iterations, progress.bar = "none")
  described(posterior::as_draws_array(drawn))
}

if (installed("rjags")) {
  suppressMessages(library(rjags))
  figures$jags_counts <- run_jags("counts.jags", counts, 60000)
  figures$jags_normal <- run_jags("normal.jags", list(trials = n, y = y, v = v), 60000)
  versions <- paste0(versions, ", JAGS ", rjags::jags.version(), ", rjags ", packageVersion("rjags"))
} else {
  missing$jags_counts <- missing$jags_normal <- absent("rjags")
}

if (installed("rstan")) {
  source(file.path(here, "stan.R"))
  fit <- rstan::stan(model_code = stan_code(file.path(here, "counts.stan")), data = counts, chains = 4,
                     iter = 11000, warmup = 1000, seed = seed, refresh = 0,
                     control = list(adapt_delta = 0.95))
  figures$rstan_counts <- described(posterior::as_draws_array(as.array(fit, pars = c("mu", "tau"))))
  versions <- paste0(versions, ", rstan ", packageVersion("rstan"))
} else {
  missing$rstan_counts <- absent("rstan")
}

if (installed("brms")) {
  suppressMessages(library(brms))
  fit <- brm(yi | se(si) ~ 1 + (1 | trial), data = data.frame(yi = y, si = sqrt(v), trial = 1:n),
             prior = prior(normal(0, 1.5), class = "Intercept") + prior(normal(0, 0.5), class = "sd"),
             chains = 4, iter = 11000, warmup = 1000, seed = seed, refresh = 0, silent = 2,
             control = list(adapt_delta = 0.95))
  drawn <- as_draws_array(fit, variable = c("b_Intercept", "sd_trial__Intercept"))
  drawn <- posterior::rename_variables(drawn, mu = "b_Intercept", tau = "sd_trial__Intercept")
  figures$brms_normal <- described(drawn)
  versions <- paste0(versions, ", brms ", packageVersion("brms"))
} else {
  missing$brms_normal <- absent("brms")
}

cat("\n", jsonlite::toJSON(list(version = versions, figures = figures, missing = missing),
                           digits = NA, auto_unbox = TRUE), sep = "")
