# Derive the pinned figures with bayesmeta. Prints JSON: {"version": ..., "figures": {name: values}},
# or {"not_run": reason}. Run from anywhere: Rscript validation/bayesmeta/derive.R
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (name in c("jsonlite", "bayesmeta", "metafor")) {
  if (!requireNamespace(name, quietly = TRUE)) {
    cat(sprintf("{\"not_run\": \"the R package %s is not installed\"}\n", name))
    quit(status = 0)
  }
}
suppressMessages({
  library(metafor)
  library(bayesmeta)
})
trials <- read.csv(file.path(here, "..", "trials.csv"))
levels <- c(0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
few <- c(0.025, 0.5, 0.975)
half_normal <- function(t) dhalfnormal(t, scale = 0.5)
named <- function(values, at) as.list(setNames(values, at))

described <- function(fit, column) {
  ask <- switch(column,
    tau = function(p) fit$qposterior(tau.p = p),
    mu = function(p) fit$qposterior(mu.p = p),
    theta = function(p) fit$qposterior(mu.p = p, predict = TRUE))
  list(mean = fit$summary["mean", column], sd = fit$summary["sd", column],
       quantiles = named(sapply(levels, ask), levels))
}

figures <- list()
for (measure in c("OR", "RR")) {
  d <- escalc(measure = measure, ai = events_treated, n1i = total_treated,
              ci = events_control, n2i = total_control, data = trials)
  y <- as.numeric(d$yi)
  s <- sqrt(as.numeric(d$vi))
  for (sd in c("1.5", "4")) {
    fit <- bayesmeta(y = y, sigma = s, mu.prior = c(0, as.numeric(sd)),
                     tau.prior = half_normal, interval.type = "central")
    figures[[sprintf("log%s_mu%s", measure, sd)]] <- list(
      mu = described(fit, "mu"), tau = described(fit, "tau"),
      theta_new = described(fit, "theta"), log_evidence = log(fit$marginal))
  }
  x <- cbind(1, (trials$latitude - mean(trials$latitude)) / 10)
  fit <- bmr(y = y, sigma = s, X = x, beta.prior.mean = c(0, 0), beta.prior.sd = c(1.5, 1),
             tau.prior = half_normal)
  beta <- function(which) sapply(few, function(p) fit$qposterior(beta.p = p, which.beta = which))
  figures[[sprintf("log%s_latitude", measure)]] <- list(
    mu = list(quantiles = named(beta(1), few)), slope = list(quantiles = named(beta(2), few)),
    tau = list(quantiles = named(sapply(few, function(p) fit$qposterior(tau.p = p)), few)))
}
version <- sprintf("bayesmeta %s, %s", packageVersion("bayesmeta"), R.version.string)
cat(jsonlite::toJSON(list(version = version, figures = figures), digits = NA, auto_unbox = TRUE))
