/** How a run says where it is: a line that rewrites itself on a terminal, plain lines elsewhere, JSON lines for machines. */
export interface Progress {
  stage(name: string, index: number, total: number): void
  step(label: string, fraction: number): void
  stageDone(name: string, seconds: number, cached: boolean): void
  note(text: string): void
  close(): void
}

export type ProgressMode = 'terminal' | 'plain' | 'json' | 'quiet'

interface Output {
  write(text: string): unknown
  columns?: number
}

const plainEvery = 10_000
const terminalEvery = 100
/** Nothing shorter than this is worth a line. */
const worthSaying = 2_000

/** `40 s`, `12 min`, `3.5 h`. */
export const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.max(1, Math.round(seconds))} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`

export function createProgress(
  mode: ProgressMode,
  output: Output,
  now: () => number = () => performance.now(),
): Progress {
  let current = { name: '', index: 0, total: 0, began: 0 }
  let step = { label: '', began: 0, said: 0, fraction: 0 }
  let lineOpen = false
  const clear = () => {
    if (lineOpen) output.write('\r\x1b[2K')
    lineOpen = false
  }
  const say = (text: string) => {
    clear()
    output.write(`${text}\n`)
  }
  const event = (value: Record<string, unknown>) => output.write(`${JSON.stringify(value)}\n`)
  /** The time left of a step, from its own pace; none until there is a pace to go by. */
  const left = (elapsed: number, fraction: number) =>
    elapsed > 1000 && fraction > 0.02 && fraction < 1
      ? `, about ${duration((elapsed / 1000) * ((1 - fraction) / fraction))} left`
      : ''
  return {
    stage(name, index, total) {
      current = { name, index, total, began: now() }
      step = { label: '', began: now(), said: now(), fraction: 0 }
      if (mode === 'json') event({ event: 'stage', stage: name, index, total })
      else if (mode === 'terminal') {
        clear()
        output.write(`[${index}/${total}] ${name}`)
        lineOpen = true
      }
    },
    step(label, fraction) {
      const time = now()
      if (label !== step.label) step = { label, began: time, said: mode === 'terminal' ? 0 : time, fraction: 0 }
      step.fraction = fraction
      const elapsed = time - step.began
      if (time - step.said < (mode === 'terminal' ? terminalEvery : plainEvery)) return
      step.said = time
      if (mode === 'json')
        event({ event: 'progress', stage: current.name, step: label, fraction: Math.round(fraction * 1000) / 1000 })
      else if (mode === 'terminal') {
        const width = 20
        const filled = Math.round(fraction * width)
        const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
        const text = `[${current.index}/${current.total}] ${current.name}: ${label} ${bar} ${Math.floor(fraction * 100)}%${left(elapsed, fraction)}`
        output.write(`\r\x1b[2K${text.slice(0, (output.columns ?? 100) - 1)}`)
        lineOpen = true
      } else if (mode === 'plain')
        say(`  ${current.name}: ${label} ${Math.floor(fraction * 100)}%${left(elapsed, fraction)}`)
    },
    stageDone(name, seconds, cached) {
      if (mode === 'json')
        event({ event: 'stage-done', stage: name, seconds: Math.round(seconds * 1000) / 1000, cached })
      else if (mode === 'plain' || mode === 'terminal')
        say(
          `[${current.index}/${current.total}] ${name.padEnd(12)} ${cached ? 'unchanged' : seconds * 1000 < worthSaying / 20 ? 'done' : `${seconds.toFixed(1)} s`}`,
        )
    },
    note(text) {
      if (mode === 'json') event({ event: 'note', text })
      else if (mode !== 'quiet') say(text)
    },
    close: clear,
  }
}
