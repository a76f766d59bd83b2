# metafor: restricted maximum likelihood, and maximum likelihood of exact counts.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "timing.R"))
need(c("metafor", "lme4"))
suppressMessages(library(metafor))
ready(sprintf("metafor %s", packageVersion("metafor")))

estimate <- function(fit) {
  found <- list(mu = list(mean = coef(fit)[[1]]), tau = list(mean = sqrt(fit$tau2)))
  if (length(coef(fit)) > 1) found$slope <- list(mean = coef(fit)[[2]])
  found
}
measure("random_effects", 1, function(i) rma(y, v, method = "REML"), estimate)
measure("meta_regression", 1, function(i) rma(y, v, mods = ~latitude, method = "REML"), estimate)
exact <- function(i) {
  rma.glmm(measure = "OR", ai = events_treated, n1i = total_treated, ci = events_control,
           n2i = total_control, data = trials, model = "UM.FS")
}
measure("exact_counts", 1, function(i) suppressWarnings(exact(i)), estimate)
nested <- function(fit) {
  list(mu = list(mean = coef(fit)[[1]]), tau = list(mean = sqrt(fit$sigma2[1])),
       omega = list(mean = sqrt(fit$sigma2[2])))
}
measure("several_effects", 1,
        function(i) rma.mv(y, v, random = ~ 1 | district/school, data = schools), nested)
# As leave1out() does, which tells no more than the pooled effect.
without <- function(i) rma(y[-i], v[-i], method = "REML")
measure("leave_one_out", nrow(trials), without, estimate)
