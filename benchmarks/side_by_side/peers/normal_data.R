# Data of normal.jags and normal.stan: any trials, any columns, any priors.
normal_data <- function(without = integer(0), x = matrix(1, length(y), 1), prior_sd = 1.5,
                        tau_scale = 0.5) {
  kept <- setdiff(seq_along(y), without)
  list(trials = length(kept), columns = ncol(x), y = y[kept], v = v[kept],
       x = x[kept, , drop = FALSE], prior_sd = as.array(prior_sd), tau_scale = tau_scale)
}
with_latitude <- normal_data(x = cbind(1, latitude), prior_sd = c(1.5, 1))

# Draws of normal.jags and normal.stan under the names of the other peers.
named <- function(draws) {
  old <- posterior::variables(draws)
  beta <- grepl("^beta", old)
  new <- c("mu", "slope")[seq_len(sum(beta))]
  draws <- posterior::subset_draws(draws, c(old[beta], "tau"))
  posterior::variables(draws) <- c(new, "tau")
  draws
}
