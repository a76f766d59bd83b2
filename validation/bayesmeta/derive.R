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

# bayesmeta replaces the mixture over tau by as many normals as keep neighbours within a
# divergence of delta. "_fine" asks for a hundredth of its default, to see what that costs.
accuracies <- list(list(suffix = "", delta = 0.01, epsilon = 1e-4),
                   list(suffix = "_fine", delta = 1e-4, epsilon = 1e-7))

overall <- function(y, s, sd, accuracy) {
  fit <- bayesmeta(y = y, sigma = s, mu.prior = c(0, sd), tau.prior = half_normal,
                   interval.type = "central", delta = accuracy$delta, epsilon = accuracy$epsilon)
  list(mu = described(fit, "mu"), tau = described(fit, "tau"),
       theta_new = described(fit, "theta"), log_evidence = log(fit$marginal))
}

with_latitude <- function(y, s, accuracy) {
  x <- cbind(1, (trials$latitude - mean(trials$latitude)) / 10)
  fit <- bmr(y = y, sigma = s, X = x, beta.prior.mean = c(0, 0), beta.prior.sd = c(1.5, 1),
             tau.prior = half_normal, delta = accuracy$delta, epsilon = accuracy$epsilon)
  beta <- function(which) sapply(few, function(p) fit$qposterior(beta.p = p, which.beta = which))
  list(mu = list(quantiles = named(beta(1), few)), slope = list(quantiles = named(beta(2), few)),
       tau = list(quantiles = named(sapply(few, function(p) fit$qposterior(tau.p = p)), few)))
}

figures <- list()
for (measure in c("OR", "RR")) {
  d <- escalc(measure = measure, ai = events_treated, n1i = total_treated,
              ci = events_control, n2i = total_control, data = trials)
  y <- as.numeric(d$yi)
  s <- sqrt(as.numeric(d$vi))
  for (accuracy in accuracies) {
    name <- function(model) sprintf("log%s_%s%s", measure, model, accuracy$suffix)
    for (sd in c("1.5", "4")) {
      figures[[name(paste0("mu", sd))]] <- overall(y, s, as.numeric(sd), accuracy)
    }
    figures[[name("latitude")]] <- with_latitude(y, s, accuracy)
  }
}
version <- sprintf("bayesmeta %s, %s", packageVersion("bayesmeta"), R.version.string)
cat(jsonlite::toJSON(list(version = version, figures = figures), digits = NA, auto_unbox = TRUE))
