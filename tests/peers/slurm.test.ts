import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/results/manifest.ts'
import type { PilotFile } from '../../src/study/cluster/pilots.ts'
import { type StudyStatus, studyStatus } from '../../src/study/status.ts'
import { scratch, startUpturn, upturn } from '../program/upturn.ts'

// A real Slurm of two nodes on this machine: pilots, nodes and coordinators are lost in mid-run, and the result is the
// same as with threads each time.

const tools = fileURLToPath(new URL('../../../shared/tools/', import.meta.url))
const missing = ['slurmctld', 'slurmd', 'slurmdbd', 'munged', 'mariadbd'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
)
const reason = !existsSync(join(tools, 'slurm-up.sh'))
  ? 'no script that starts a Slurm'
  : missing.length > 0
    ? `${missing.join(', ')} not installed`
    : process.getuid?.() !== 0
      ? 'not root'
      : undefined
if (reason !== undefined) console.log(`skipped: a Slurm cannot be started here: ${reason}`)

const folder = scratch()
// The database server runs as a user of its own.
chmodSync(folder, 0o755)
const cluster = join(folder, 'cluster')
const study = join(folder, 'cohort', 'study.yaml')
const settings = fileURLToPath(new URL('./slurm.yaml', import.meta.url))
const out = (name: string) => join(folder, name)
const digestOf = (name: string) =>
  (JSON.parse(readFileSync(join(out(name), 'manifest.json'), 'utf8')) as Manifest).resultDigest
const common = (name: string) => ['run', study, '--out', out(name), '--workers', '1', '--stage', 'association']
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

function command(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

/** Elements of jobs: id by array and index, state, node. */
const queue = () =>
  command('squeue', '-h', '-r', '-o', '%F_%K|%T|%N')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [element, state, node] = line.split('|')
      return { element, state, node }
    })

function start(name: string) {
  const child = startUpturn([...common(name), '--executor', settings])
  let said = ''
  child.stderr?.on('data', (text) => {
    said += String(text)
  })
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  )
  return { child, ended }
}

/** Waits until a stage has some of the results of a scan, and two pilots are at work. */
async function whenAt(name: string, stage: string): Promise<StudyStatus> {
  for (let i = 0; i < 2000; i++) {
    const status = await studyStatus(out(name))
    const { run } = status
    if (run?.stage === stage && (run.chunksDone ?? 0) > 0 && (run.pilots?.running ?? 0) > 1) return status
    await pause(30)
  }
  throw new Error(`the run never came to ${stage}`)
}

const pilotOf = (name: string, element: string): PilotFile => {
  const pilots = join(out(name), '.stages', '.cluster', 'pilots')
  for (const file of readdirSync(pilots).filter((entry) => entry.endsWith('.json'))) {
    const pilot = JSON.parse(readFileSync(join(pilots, file), 'utf8')) as PilotFile
    if (pilot.job === element && pilot.state === 'working') return pilot
  }
  throw new Error(`no pilot is job ${element}`)
}

const running = (node?: string) => {
  const found = queue().find((row) => row.state === 'RUNNING' && (node === undefined || row.node === node))
  if (found === undefined) throw new Error(`nothing runs on ${node ?? 'any node'}`)
  return found.element
}

/** A requeued job would wait for two minutes. */
function release(): void {
  for (const { element, state } of queue())
    if (state === 'PENDING') spawnSync('scontrol', ['update', `jobid=${element}`, 'starttime=now'])
}

/** A node that answers may have come back by itself. */
async function backInService(): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (/^(idle|mixed|allocated)$/.test(command('sinfo', '-h', '-N', '-n', 'n2', '-o', '%T'))) return
    spawnSync('scontrol', ['update', 'nodename=n2', 'state=resume'])
    await pause(100)
  }
  throw new Error('node n2 did not come back')
}

const same = (name: string) => {
  expect(digestOf(name)).toBe(digestOf('threads'))
  expect(existsSync(join(out(name), '.stages', '.cluster'))).toBe(false)
  expect(queue().filter(({ state }) => state !== 'COMPLETING')).toEqual([])
}

describe.skipIf(reason !== undefined)('a study on Slurm', () => {
  const munged = spawnSync('pgrep', ['-u', 'munge', 'munged'], { encoding: 'utf8' }).stdout.trim()
  beforeAll(() => {
    const size = ['--people', '125', '--variants', '60000', '--seed', '7', '--quiet']
    expect(upturn(['simulate', '--out', join(folder, 'cohort'), ...size]).code).toBe(0)
    // Long enough on any machine to be met at work.
    appendFileSync(study, 'calibration:\n  replicates: 2000\n')
    expect(upturn([...common('threads'), '--quiet']).code).toBe(0)
    // Daemons keep what they are given as output: a file, not a pipe that would be waited for.
    const log = openSync(join(folder, 'up.log'), 'w')
    const up = spawnSync('bash', [join(tools, 'slurm-up.sh'), cluster], { stdio: ['ignore', log, log] })
    expect(up.status, readFileSync(join(folder, 'up.log'), 'utf8')).toBe(0)
    process.env.SLURM_CONF = join(cluster, 'slurm.conf')
  })
  afterAll(async () => {
    const pids = [...readdirSync(join(cluster, 'run')).map((name) => join('run', name)), 'mysql/m.pid']
      .filter((name) => existsSync(join(cluster, name)))
      .map((name) => Number(readFileSync(join(cluster, name), 'utf8')))
      .filter((pid) => pid > 0)
    const alive = (pid: number) => {
      try {
        return !/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      } catch {
        return false
      }
    }
    spawnSync('bash', [join(tools, 'slurm-down.sh'), cluster], { stdio: 'ignore' })
    for (let i = 0; i < 100 && pids.some(alive); i++) {
      // A controller that waits for its lost node does not end by itself; the database writes what it holds.
      if (i === 30) for (const pid of pids.slice(0, -1).filter(alive)) process.kill(pid, 'SIGKILL')
      await pause(100)
    }
    const now = spawnSync('pgrep', ['-u', 'munge', 'munged'], { encoding: 'utf8' }).stdout.trim()
    if (munged === '' && now !== '') process.kill(Number(now), 'SIGTERM')
  })

  it('comes to the same result though a pilot is killed and another is requeued', async () => {
    const { ended } = start('killed')
    await whenAt('killed', 'calibration')
    process.kill(pilotOf('killed', running()).pid, 'SIGKILL')
    await whenAt('killed', 'association')
    // The last element of an array has the array's own id as its job id: both would be requeued by that.
    command('scontrol', 'requeue', running())
    release()
    expect(await ended).toMatchObject({ code: 0 })
    same('killed')
  })

  it('comes to the same result though a node is lost', async () => {
    const { ended } = start('node')
    await whenAt('node', 'calibration')
    command('scontrol', 'update', 'nodename=n2', 'state=down', 'reason=test')
    await pause(1000)
    await backInService()
    release()
    expect(await ended).toMatchObject({ code: 0 })
    same('node')
  })

  it('submits anew when its array is cancelled, and goes on after it was stopped itself', async () => {
    const { child, ended } = start('cancelled')
    const before = await whenAt('cancelled', 'calibration')
    command('scancel', ...(before.run?.pilots?.jobs ?? []))
    const after = await whenAt('cancelled', 'association')
    expect(after.run?.pilots?.jobs.length).toBeGreaterThan(before.run?.pilots?.jobs.length ?? 0)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 3 })
    expect(queue()).toEqual([])
    expect(await studyStatus(out('cancelled'))).toMatchObject({ state: 'interrupted', run: { stage: 'association' } })
    const again = upturn([...common('cancelled'), '--executor', settings])
    expect(again.code).toBe(0)
    same('cancelled')
  })

  it('finds its jobs again when the coordinator was killed', async () => {
    const { child, ended } = start('dead')
    const { run } = await whenAt('dead', 'calibration')
    child.kill('SIGKILL')
    await ended
    const again = upturn([...common('dead'), '--executor', settings])
    expect(again.stderr).toContain(`goes on with the jobs of an earlier run: ${run?.pilots?.jobs.join(', ')}`)
    expect(again.stderr).not.toMatch(/submitted/)
    expect(again.code).toBe(0)
    same('dead')
  })

  it('says what Slurm says that takes no job', () => {
    const { code, stderr } = upturn(
      [...common('refused'), '--quiet', '--executor', 'slurm', '--local-seconds', '0'].concat(
        '--slurm-options',
        '-p x',
      ),
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/^upturn: Slurm did not take the job: .*invalid partition specified: x.*\n$/)
  })

  it('comes to the same result though a node dies without a word', async () => {
    // Last: Slurm takes its time until it has that node back.
    const { ended } = start('silent')
    await whenAt('silent', 'calibration')
    const { pid } = pilotOf('silent', running('n2'))
    const step = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    for (const victim of [Number(readFileSync(join(cluster, 'run', 'slurmd.n2.pid'), 'utf8')), step, pid])
      process.kill(victim, 'SIGKILL')
    const { code, said } = await ended
    expect(said).not.toMatch(/ChunkLost/)
    expect(code).toBe(0)
    expect(digestOf('silent')).toBe(digestOf('threads'))
  })
})
