import { describe, expect, it } from 'vitest'
import { createProgress } from './progress.ts'

function record(mode: 'terminal' | 'plain' | 'json' | 'quiet') {
  let text = ''
  let time = 0
  const progress = createProgress(mode, { write: (t: string) => (text += t), columns: 80 }, () => time)
  return { progress, wait: (ms: number) => (time += ms), text: () => text }
}

describe('progress', () => {
  it('writes plain lines with an estimate, never cursor codes, when not on a terminal', () => {
    const { progress, wait, text } = record('plain')
    progress.stage('association', 9, 13)
    progress.step('testing', 0)
    wait(15_000)
    progress.step('testing', 0.25)
    wait(1_000)
    progress.step('testing', 0.26)
    progress.stageDone('association', 16, false)
    expect(text()).toBe('  association: testing 25%, about 45 s left\n[9/13] association  16.0 s\n')
    expect(text().includes('\x1b')).toBe(false)
  })
  it('speaks JSON lines to machines', () => {
    const { progress, text } = record('json')
    progress.stage('visits', 1, 2)
    progress.stageDone('visits', 0.5, true)
    expect(
      text()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { event: 'stage', stage: 'visits', index: 1, total: 2 },
      { event: 'stage-done', stage: 'visits', seconds: 0.5, cached: true },
    ])
  })
  it('rewrites one line on a terminal and stays within its width', () => {
    const { progress, wait, text } = record('terminal')
    progress.stage('genotypes', 1, 2)
    wait(5000)
    progress.step('reading', 0.5)
    const last = text().split('\r').at(-1) ?? ''
    expect(last.replace('\x1b[2K', '').length).toBeLessThan(80)
    expect(last).toContain('50%')
  })
  it('is silent when asked', () => {
    const { progress, text } = record('quiet')
    progress.stage('a', 1, 1)
    progress.note('x')
    progress.stageDone('a', 9, false)
    expect(text()).toBe('')
  })
})
