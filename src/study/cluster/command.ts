import { spawn } from 'node:child_process'

export interface CommandEnd {
  /** Exit code; null when it was ended by a signal or could not be started. */
  code: number | null
  stdout: string
  stderr: string
  /** Why it could not be started, or that it took too long. */
  trouble: string | null
}

/** What a scheduler prints is short; more than this is cut. */
const most = 1 << 22

/** Runs a program and waits, at most `seconds`. Nothing is thrown: how it ended is told. */
export function runCommand(program: string, args: readonly string[], seconds = 60): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const texts = { stdout: '', stderr: '' }
    let trouble: string | null = null
    // In a group of its own: Ctrl-C is for the coordinator, which then cancels what it submitted.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const timer = setTimeout(() => {
      trouble = `no answer within ${seconds} s`
      child.kill('SIGKILL')
    }, seconds * 1000)
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (texts[name].length < most) texts[name] += text
      })
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve({ code: null, ...texts, trouble: error.code === 'ENOENT' ? `${program} is not found` : error.message })
    })
    // `exit`, not `close`: a background process that the command started may hold its output open for ever.
    child.on('exit', (code) => {
      clearTimeout(timer)
      setImmediate(() => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ code, ...texts, trouble })
      })
    })
  })
}

/** What a failed command said, in one line. */
export const saidBy = ({ code, stdout, stderr, trouble }: CommandEnd): string => {
  const text = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
    .slice(0, 500)
  return [trouble, text === '' ? null : text, trouble === null && code !== null ? `exit status ${code}` : null]
    .filter((part) => part !== null)
    .join('; ')
}
