# Derive the pinned figures with metafor. Prints JSON:
# {"version": ..., "figures": {name: values}, "missing": {name: reason}}, or {"not_run": reason}.
# Run from anywhere: Rscript validation/metafor/derive.R
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (name in c("jsonlite", "metafor", "lme4")) {
  if (!requireNamespace(name, quietly = TRUE)) {
    cat(sprintf("{\"not_run\": \"the R package %s is not installed\"}\n", name))
    quit(status = 0)
  }
}
suppressMessages(library(metafor))
trials <- read.csv(file.path(here, "..", "trials.csv"))

effects <- function(measure) {
  escalc(measure = measure, ai = events_treated, n1i = total_treated,
         ci = events_control, n2i = total_control, data = trials)
}
described <- function(fit) {
  list(coefficients = as.numeric(coef(fit)), standard_errors = as.numeric(fit$se),
       tau_squared = as.numeric(fit$tau2))
}
glmm <- function(model) {
  described(suppressWarnings(rma.glmm(
    measure = "OR", ai = events_treated, n1i = total_treated,
    ci = events_control, n2i = total_control, data = trials, model = model)))
}

odds <- effects("OR")
odds$ablat_c <- odds$latitude - mean(odds$latitude)
risk <- effects("RR")
tight <- list(threshold = 1e-12)
figures <- list(
  logOR = list(yi = as.numeric(odds$yi), vi = as.numeric(odds$vi)),
  logRR = list(yi = as.numeric(risk$yi), vi = as.numeric(risk$vi)),
  reml = described(rma(yi, vi, data = odds, method = "REML")),
  reml_latitude = described(rma(yi, vi, mods = ~ablat_c, data = odds, method = "REML")),
  reml_converged = described(rma(yi, vi, data = odds, method = "REML", control = tight)),
  reml_latitude_converged = described(
    rma(yi, vi, mods = ~ablat_c, data = odds, method = "REML", control = tight)),
  glmm_um_fs = glmm("UM.FS")
)
missing <- setNames(list(), character(0))
if (requireNamespace("BiasedUrn", quietly = TRUE)) {
  figures$glmm_cm_el <- glmm("CM.EL")
} else {
  missing$glmm_cm_el <- "the R package BiasedUrn is not installed"
}
version <- sprintf("metafor %s, %s", packageVersion("metafor"), R.version.string)
cat(jsonlite::toJSON(list(version = version, figures = figures, missing = missing),
                     digits = NA, auto_unbox = TRUE))
