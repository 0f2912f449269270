import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liveProgress } from './live.ts'
import { lockFolder } from './lock.ts'
import { createProgress } from './progress.ts'
import { studyStatus } from './status.ts'

let out: string
const cache = () => join(out, '.stages')
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'upturn-status-'))
  mkdirSync(join(cache(), '.chunks'), { recursive: true })
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

const silent = () => createProgress('quiet', { write: () => undefined })

it('tells a run at work from one that was stopped and one that is done', async () => {
  expect(await studyStatus(out)).toEqual({ state: 'none', run: null, manifest: null })
  const unlock = await lockFolder(join(cache(), 'lock'))
  const live = liveProgress(silent(), cache(), { study: 'ALS', executor: 'threads' })
  live.stage('visits', 1, 13)
  live.stageDone('visits', 2, false)
  live.stage('quality', 4, 13)
  await live.end(true)
  expect(await studyStatus(out)).toMatchObject({
    state: 'running',
    run: { study: 'ALS', stage: 'quality', index: 4, stages: 13, pid: process.pid, machine: hostname(), pilots: null },
  })
  await unlock()
  expect(await studyStatus(out)).toMatchObject({
    state: 'interrupted',
    run: { finished: [{ stage: 'visits', seconds: 2, cached: false }] },
  })
  await liveProgress(silent(), cache(), { study: 'ALS', executor: 'threads' }).end(false)
  writeFileSync(join(out, 'manifest.json'), '{"study":"ALS"}')
  expect(await studyStatus(out)).toMatchObject({ state: 'finished', run: null, manifest: { study: 'ALS' } })
})

it('counts results and takes the time left from their pace', async () => {
  const folder = join(cache(), '.chunks')
  const live = liveProgress(silent(), cache(), { study: 'ALS', executor: 'threads' })
  live.stage('association', 8, 13)
  live.scan(folder, 100)
  await live.end(true)
  const now = Date.now() / 1000
  for (let i = 0; i < 20; i++) {
    writeFileSync(join(folder, `${i}-x`), '')
    utimesSync(join(folder, `${i}-x`), now - 10 - 3 * i, now - 10 - 3 * i)
  }
  writeFileSync(join(folder, '20-x.7.partial'), '')
  const { run } = await studyStatus(out)
  expect(run).toMatchObject({ chunksDone: 20, chunks: 100 })
  expect(run?.lastResult).toBeGreaterThan(9)
  expect(run?.lastResult).toBeLessThan(30)
  expect(run?.secondsLeft).toBeCloseTo(240, 0)
})

it('does not guess about a silent run of another machine', async () => {
  const live = liveProgress(silent(), cache(), { study: 'ALS', executor: 'slurm' })
  live.stage('association', 8, 13)
  await live.end(true)
  writeFileSync(join(cache(), 'lock'), JSON.stringify({ pid: 1, machine: 'elsewhere', started: '' }))
  expect((await studyStatus(out)).state).toBe('running')
  utimesSync(join(cache(), 'progress.json'), 1, 1)
  expect((await studyStatus(out)).state).toBe('unknown')
})

it('tells of a scan that is over long before the next time to write', async () => {
  const live = liveProgress(silent(), cache(), { study: 'ALS', executor: 'threads' })
  live.stage('calibration', 6, 6)
  live.scan(join(cache(), '.chunks'), 7)
  await vi.waitFor(async () => {
    expect(await studyStatus(out)).toMatchObject({ run: { stage: 'calibration', chunks: 7, chunksDone: 0 } })
  })
  await live.end(false)
})
