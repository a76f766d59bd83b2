# Debian keeps Boost outside the R package.
find_boost <- function() {
  if (rstan::rstan_options("boost_lib") == "") rstan::rstan_options(boost_lib = "/usr/include/")
}

# Code of a Stan model as the installed rstan reads it.
stan_code <- function(file) {
  find_boost()
  code <- readLines(file)
  if (packageVersion("rstan") < "2.26") {  # arrays were written the other way round
    code <- sub("array\\[(\\w+)\\] int (\\w+);", "int \\2[\\1];", code)
  }
  paste(code, collapse = "\n")
}
