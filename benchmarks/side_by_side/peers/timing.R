# Shared by the R peers: the trials, a stopwatch, and rows of JSON. README.md tells the rows.
settings <- jsonlite::fromJSON(commandArgs(TRUE)[1])
levels <- c(0.025, 0.5, 0.975)

# Run before `ready`, so that its own time is not counted as that of the libraries.
need <- function(names) {
  for (name in names) {
    if (!requireNamespace(name, quietly = TRUE)) {
      told(list(not_run = sprintf("the R package %s is not installed", name)))
      quit(status = 0)
    }
  }
}

told <- function(row) {
  cat("\n", jsonlite::toJSON(row, digits = NA, auto_unbox = TRUE), "\n", sep = "")
}

# Seconds by the clock, and of the processor, children included.
used <- function() c(wall = as.numeric(Sys.time()), cpu = sum(proc.time()[c(1, 2, 4, 5)]))
ready <- function(version) {
  now <- used()
  told(list(version = version,
            start = list(wall = now[["wall"]] - settings$started, cpu = now[["cpu"]])))
}

timed <- function(call) {
  before <- used()
  value <- call()
  list(value = value, seconds = used() - before)
}

# Fit again and again until three seconds are over, three times at least; what takes longer than the
# limit is stopped after the fit that passes it. `describe` is off the clock.
measure <- function(case, of, fit, describe, compile = NULL) {
  passes <- NULL
  answers <- list()
  repeat {
    seconds <- c(wall = 0, cpu = 0)
    for (i in seq_len(of)) {
      one <- timed(function() fit(i))
      seconds <- seconds + one$seconds
      if (is.null(passes)) answers[[i]] <- describe(one$value)
      if (seconds[["wall"]] > settings$limit) break
    }
    if (is.null(passes) || i == of) passes <- rbind(passes, seconds)
    spent <- sum(passes[, "wall"])
    if (spent > settings$limit || (nrow(passes) >= 3 && spent > 3)) break
  }
  row <- list(case = case, fits = length(answers), passes = nrow(passes),
              fit = as.list(apply(passes, 2, median)), best = as.list(apply(passes, 2, min)),
              answers = answers)
  if (!is.null(compile)) row$compile <- as.list(compile)
  told(row)
}

# Posterior of draws, as the other peers tell it.
of_draws <- function(draws) {
  names <- posterior::variables(draws)
  one <- function(name) {
    x <- posterior::extract_variable_matrix(draws, name)
    list(mean = mean(x), sd = sd(x), quantiles = as.list(setNames(quantile(x, levels), levels)),
         ess = posterior::ess_bulk(x))
  }
  setNames(lapply(names, one), names)
}

trials <- read.csv(settings$trials)
counts <- c(list(trials = nrow(trials)),
            as.list(trials[c("events_treated", "total_treated", "events_control", "total_control")]))
cells <- with(trials, cbind(events_treated, total_treated - events_treated,
                            events_control, total_control - events_control))
y <- as.numeric(log(cells) %*% c(1, -1, -1, 1))
v <- rowSums(1 / cells)
districts <- jsonlite::fromJSON(settings$schools)$districts
schools <- data.frame(district = rep(names(districts), sapply(districts, nrow)),
                      do.call(rbind, districts))
names(schools)[2:3] <- c("y", "v")
schools$school <- seq_len(nrow(schools))
latitude <- (trials$latitude - mean(trials$latitude)) / 10
