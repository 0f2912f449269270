import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** Names of the programs that are not installed. */
export function absent(...programs: string[]): string[] {
  return programs.filter((name) => spawnSync(name, ['--version']).status !== 0)
}

/** Options of a command; what belongs together may stand in a list of its own. */
type Options = (string | readonly string[])[]

/** Runs a command to its end in a folder; what it prints is in the failure. */
export function command(folder: string, program: string, ...given: Options): string {
  const options = given.flat()
  const run = spawnSync(program, options, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })
  expect(run.status, `${program} ${options.join(' ')}\n${run.stdout?.slice(-2000)}\n${run.stderr?.slice(-2000)}`).toBe(
    0,
  )
  return run.stdout
}

export function plink(folder: string, program: 'plink1.9' | 'plink2', ...options: Options): void {
  command(folder, program, ...options, '--threads', '2', '--memory', '3000')
}

/** Cells of a table's lines by column name, one line after another: a table of 1.8 million lines never lies about in pieces. */
export function* table(path: string, separator: RegExp | string = /\s+/): Generator<(column: string) => string> {
  const text = readFileSync(path, 'utf8')
  let cells: string[] = []
  let columns: Map<string, number> | undefined
  const cell = (name: string): string => {
    const at = columns?.get(name)
    if (at === undefined) throw new Error(`${path} has no column ${name}`)
    return cells[at]
  }
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at)
    const end = feed < 0 ? text.length : feed
    const line = text.slice(at, end)
    at = end + 1
    if (columns === undefined) {
      columns = new Map(
        (separator === '\t' ? line : line.trim())
          .replace(/^#/, '')
          .split(separator)
          .map((name, i) => [name, i]),
      )
      continue
    }
    cells = separator === '\t' ? line.split('\t') : line.trim().split(separator)
    yield cell
  }
}
