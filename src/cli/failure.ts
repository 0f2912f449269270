import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeError, isUpturnError, type UpturnError } from '../errors/index.ts'

/** 0 done; 1 done, but something asked for was not met; 2 wrong input or command; 3 interrupted; 70 our fault. */
export const exitCode = { done: 0, notMet: 1, wrongInput: 2, interrupted: 3, internal: 70 } as const

/** Says what went wrong in the form that was asked for; returns the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  if (isUpturnError(error) && error.code !== 'Internal') {
    if (json) {
      const { file, line, column } = error.place
      const problems = error.details.problems
      const body = {
        code: error.code,
        message: error.message,
        file,
        line,
        column,
        ...(problems === undefined ? {} : { problems }),
      }
      process.stdout.write(`${JSON.stringify({ ok: false, error: body })}\n`)
    } else process.stderr.write(`upturn: ${messageOf(error)}\n`)
    return error.code === 'Interrupted' ? exitCode.interrupted : exitCode.wrongInput
  }
  const report = join(tmpdir(), `upturn-report-${process.pid}.json`)
  const stack = error instanceof Error ? error.stack : String(error)
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined
  let written = false
  try {
    writeFileSync(
      report,
      JSON.stringify(
        { arguments: process.argv.slice(2), node: process.version, platform: process.platform, stack, cause },
        null,
        1,
      ),
    )
    written = true
  } catch {
    // A full disk must not hide the error itself.
  }
  const text = `${error instanceof Error ? error.message : String(error)}; this is a fault of Upturn, your data are unharmed${written ? `. Please send ${report}` : ''}`
  if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: { code: 'Internal', message: text } })}\n`)
  else process.stderr.write(`upturn: ${text}\n`)
  return exitCode.internal
}

const messageOf = (error: UpturnError): string =>
  error.code === 'StudyInvalid' && error.details.problems !== undefined ? error.message : describeError(error)
