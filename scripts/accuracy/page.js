// Rows of docs/accuracy.md: the worst and the root mean square of some errors.

/** Two digits, the same on every engine. */
const digits = (x) => (x === 0 ? '0' : x >= 0.01 && x < 1000 ? x.toPrecision(2) : x.toExponential(1))

/** A row for a list of errors. `bar`: the most that is allowed, beyond which the page is refused. */
export function row(name, oracle, errors, bar) {
  let worst = 0
  let sum = 0
  for (const error of errors) {
    if (!(error <= bar)) throw new Error(`${name}: an error of ${error} against ${oracle}, where ${bar} is allowed`)
    if (error > worst) worst = error
    sum += error * error
  }
  if (errors.length === 0) throw new Error(`${name}: nothing was compared`)
  return `| ${name} | ${errors.length} | ${digits(worst)} | ${digits(Math.sqrt(sum / errors.length))} | ${digits(bar)} | ${oracle} |`
}

/** A section with its table. */
export const section = (title, text, rows) =>
  `## ${title}\n\n${text}\n\n| function | points | worst | RMS | bar | oracle |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`
