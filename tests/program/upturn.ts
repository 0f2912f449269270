import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const program = fileURLToPath(new URL('../../bin/upturn.js', import.meta.url))

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the built program as a user would, and waits. */
export function upturn(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Finished {
  const run = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  return { code: run.status, stdout: run.stdout, stderr: run.stderr }
}

/** Starts the program and returns the child, to be killed by the test. */
export function startUpturn(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** A folder that goes away with the test file. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-program-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
