# bayesmeta at its default accuracy, or at the one given in the settings.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "timing.R"))
need(c("bayesmeta", "metafor"))
suppressMessages(library(bayesmeta))
ready(sprintf("bayesmeta %s", packageVersion("bayesmeta")))

# Its default replaces a mixture over tau by few normals; a smaller delta by more of them.
accuracy <- if (isTRUE(settings$fine)) list(delta = 1e-4, epsilon = 1e-7) else list()
overall <- function(y, v, mu_sd, tau_scale) {
  do.call(bayesmeta, c(accuracy, list(
    y = y, sigma = sqrt(v), mu.prior = c(0, mu_sd), interval.type = "central",
    tau.prior = function(t) dhalfnormal(t, scale = tau_scale))))
}
described <- function(fit) {
  columns <- colnames(fit$summary)
  at <- c(tau = "tau", mu = if ("mu" %in% columns) "mu" else columns[2])
  if (!"mu" %in% columns) at <- c(at, slope = columns[3])
  lapply(as.list(at), function(column) {
    s <- fit$summary[, column]
    list(mean = s[["mean"]], sd = s[["sd"]],
         quantiles = setNames(list(s[["95% lower"]], s[["median"]], s[["95% upper"]]), levels))
  })
}
measure("random_effects", 1, function(i) overall(y, v, 1.5, 0.5), described)
measure("meta_regression", 1, function(i) {
  do.call(bmr, c(accuracy, list(
    y = y, sigma = sqrt(v), X = cbind(1, latitude), beta.prior.mean = c(0, 0),
    beta.prior.sd = c(1.5, 1), interval.type = "central",
    tau.prior = function(t) dhalfnormal(t, scale = 0.5))))
}, described)
measure("leave_one_out", nrow(trials), function(i) overall(y[-i], v[-i], 1.5, 0.5), described)
variants <- settings$variants
measure("prior_variants", nrow(variants),
        function(i) overall(y, v, variants[i, 1], variants[i, 2]), described)
