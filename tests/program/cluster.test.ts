import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/results/manifest.ts'
import { studyStatus } from '../../src/study/status.ts'
import { scratch, startUpturn, upturn } from './upturn.ts'

const folder = scratch()
const study = join(folder, 'cohort', 'study.yaml')
const batch = fileURLToPath(new URL('./fake-batch.js', import.meta.url))
const state = join(folder, 'batch')
process.env.FAKE_BATCH = state
const command = (rest: string) => `${process.execPath} ${batch} ${rest}`
const settings = join(folder, 'cluster.yaml')
const out = (name: string) => join(folder, name)
const manifestOf = (name: string) => JSON.parse(readFileSync(join(out(name), 'manifest.json'), 'utf8')) as Manifest
const threads = ['--executor', 'threads']
const cluster = ['--executor', settings]
const run = (name: string, executor: string[], last = 'calibration') =>
  upturn(['run', study, '--out', out(name), '--workers', '1', '--stage', last, '--quiet', ...executor])
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Processes that the batch system started and that still live. */
function pilots(): number[] {
  return readdirSync(state)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((job) => readdirSync(join(state, job)).filter((name) => /^\d+$/.test(name)))
    .map(Number)
    .filter((pid) => {
      try {
        return !/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      } catch {
        return false
      }
    })
}

/** Waits until a run has finished a chunk of a scan of its calibration. */
async function whenCalibrating(name: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    const { run: at } = await studyStatus(out(name))
    if (at?.stage === 'calibration' && at.chunksDone !== null && at.chunksDone > 0) return
    await pause(30)
  }
  throw new Error('the run never came so far')
}

/** Starts a run and returns how it ends. */
function start(name: string) {
  const child = startUpturn(['run', study, '--out', out(name), '--workers', '1', '--stage', 'calibration', ...cluster])
  let said = ''
  child.stderr?.on('data', (text) => {
    said += String(text)
  })
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  )
  return { child, ended }
}

afterAll(() => {
  for (const pid of pilots()) process.kill(pid, 'SIGKILL')
})

describe('a study on a batch system', () => {
  beforeAll(() => {
    mkdirSync(state)
    writeFileSync(
      settings,
      [
        'scheduler: template',
        `submit: ${command('submit {tasks} {script}')}`,
        `status: ${command('status {job}')}`,
        `cancel: ${command('cancel {job}')}`,
        'tasks: 2',
        'seconds: { beat: 0.5, stale: 4, poll: 0.2, watch: 0.5, local: 0 }',
      ].join('\n'),
    )
    const size = ['--people', '125', '--variants', '40000', '--seed', '7', '--quiet']
    expect(upturn(['simulate', '--out', join(folder, 'cohort'), ...size]).code).toBe(0)
    // Long enough on any machine to be met at work.
    appendFileSync(study, 'calibration:\n  replicates: 2000\n')
    expect(run('threads', threads).code).toBe(0)
  })
  const same = (name: string) => {
    expect(manifestOf(name).resultDigest).toBe(manifestOf('threads').resultDigest)
    const left = readdirSync(out(name), { recursive: true }).map(String)
    expect(left.filter((file) => /partial|\.building|\.chunks|\.cluster|progress\.json|lock$/.test(file))).toEqual([])
    expect(pilots()).toEqual([])
  }

  it('gives the same result digest as with threads, also when a pilot is killed, and leaves nothing behind', async () => {
    const { ended } = start('shot')
    await whenCalibrating('shot')
    process.kill(pilots()[0], 'SIGKILL')
    expect(await ended).toMatchObject({ code: 0 })
    same('shot')
  })

  it('shows where it is, ends in exit code 3 on SIGTERM, cancels its jobs, and goes on afterwards', async () => {
    const { child, ended } = start('stopped')
    await whenCalibrating('stopped')
    expect(JSON.parse(upturn(['status', study, '--out', out('stopped'), '--json']).stdout)).toMatchObject({
      state: 'running',
      run: {
        executor: 'template',
        stage: 'calibration',
        pilots: { jobs: expect.arrayContaining([expect.any(String)]) },
      },
    })
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 3, said: expect.stringMatching(/run the same command again/) })
    expect(pilots()).toEqual([])
    const { stdout } = upturn(['status', study, '--out', out('stopped')])
    expect(stdout).toMatch(/interrupted; upturn run goes on from here/)
    expect(stdout).toMatch(/stage 6 of 6, calibration/)
    // With threads this time: finished chunks are used whoever made them.
    expect(run('stopped', threads).code).toBe(0)
    const calibration = manifestOf('stopped').stages.find(({ stage }) => stage === 'calibration')
    expect(calibration?.chunksReused).toBeGreaterThan(0)
    same('stopped')
  })

  it('finds its jobs again after the coordinator was killed, and submits nothing twice', async () => {
    const { child, ended } = start('dead')
    await whenCalibrating('dead')
    child.kill('SIGKILL')
    await ended
    const living = pilots()
    expect(living.length).toBeGreaterThan(0)
    const jobs = readdirSync(state).length
    const again = upturn(['run', study, '--out', out('dead'), '--workers', '1', '--stage', 'calibration', ...cluster])
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/goes on with the jobs of an earlier run/)
    expect(readdirSync(state).length).toBe(jobs)
    same('dead')
  })

  it('tells pilots of a killed coordinator to end when threads take over', async () => {
    const { child, ended } = start('taken')
    await whenCalibrating('taken')
    child.kill('SIGKILL')
    await ended
    const { code, stderr } = upturn(['run', study, '--out', out('taken'), '--stage', 'calibration', ...threads])
    expect(stderr).toMatch(/left at work are told to end/)
    expect(code).toBe(0)
    for (let i = 0; i < 100 && pilots().length > 0; i++) await pause(50)
    same('taken')
  })

  it('submits again what the scheduler lost', () => {
    writeFileSync(join(state, 'lose'), '1')
    expect(run('lost', cluster, 'quality')).toMatchObject({ code: 0 })
    expect(pilots()).toEqual([])
  })

  it('says what a scheduler says that takes no job, in one sentence', () => {
    const { code, stderr } = upturn(
      ['run', study, '--out', out('refused'), '--stage', 'quality', '--quiet', '--executor', 'template'].concat([
        '--local-seconds',
        '0',
        '--submit',
        'echo "qsub: no such queue" >&2; exit 1',
      ]),
    )
    expect(code).toBe(2)
    expect(stderr).toBe('upturn: the scheduler did not take the job: qsub: no such queue; exit status 1\n')
    expect(existsSync(join(out('refused'), 'manifest.json'))).toBe(false)
  })
})
