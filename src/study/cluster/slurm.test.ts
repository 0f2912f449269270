import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runFolder } from './run-folder.ts'
import { parseAccount, parseQueue, Slurm, splitOptions } from './slurm.ts'

describe('options of sbatch', () => {
  it('are split as a shell does', () => {
    expect(splitOptions(`--partition=x  --time 4:00:00 --comment="two words" --wckey='a "b"' ''`)).toEqual([
      '--partition=x',
      '--time',
      '4:00:00',
      '--comment=two words',
      '--wckey=a "b"',
      '',
    ])
    expect(splitOptions(' ')).toEqual([])
  })
  it('are refused where they are set by Upturn itself, or cannot be read', () => {
    for (const text of ['--array=0-3', '-a 0-3', '--job-name=x', '--output=x', '--wrap=ls'])
      expect(() => splitOptions(text)).toThrow(/set by Upturn itself/)
    expect(() => splitOptions('--comment="x')).toThrow(/a quote is not closed/)
  })
})

it('reads the queue element by element, by the id of the array', () => {
  expect(
    parseQueue('12|0|RUNNING|None\n12|3|PENDING|Resources\n13|N/A|CANCELLED by 0|None\nslurm_load_jobs error\n'),
  ).toEqual([
    { job: '12', element: '12_0', state: 'RUNNING', reason: 'None' },
    { job: '12', element: '12_3', state: 'PENDING', reason: 'Resources' },
    { job: '13', element: '13', state: 'CANCELLED', reason: 'None' },
  ])
})

it('takes the last end of an element from the accounts', () => {
  const text = '12_1|NODE_FAIL\n12_1|CANCELLED by 0\n12_11|FAILED\n12_2|OUT_OF_MEMORY\n12_3|RUNNING\n12_4|REQUEUED\n'
  expect(parseAccount(text, '12_1')).toEqual({ state: 'CANCELLED', innocent: true })
  expect(parseAccount(text, '12_2')).toEqual({ state: 'OUT_OF_MEMORY', innocent: false })
  expect(parseAccount(text, '12_3')).toBeUndefined()
  expect(parseAccount(text, '12_4')).toEqual({ state: 'REQUEUED', innocent: true })
})

describe('Slurm by its commands', () => {
  let folder: string
  const path = process.env.PATH
  const command = (name: string, script: string) => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const slurm = (options: string[] = []) => new Slurm(runFolder(join(folder, 'run')), options, 10)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'upturn-slurm-'))
    mkdirSync(join(folder, 'bin'))
    process.env.PATH = `${join(folder, 'bin')}${delimiter}${path}`
    command('squeue', 'exit 0')
  })
  afterEach(() => {
    process.env.PATH = path
    rmSync(folder, { recursive: true, force: true })
  })

  it('submits an array under a name of the folder, and takes the id from whatever is printed', async () => {
    command('sbatch', `echo "$@" > ${folder}/args; echo 'Welcome to the cluster'; echo '42;east'`)
    expect(await slurm(['--time=10']).submit(3)).toBe('42')
    const args = readFileSync(join(folder, 'args'), 'utf8')
    expect(args).toMatch(
      /--parsable --array=0-2 --job-name=upturn-[0-9a-f]{12} --output=\S+%A_%a\.log .*--time=10 \S+pilot\.sh/,
    )
  })

  it('says in one sentence why a job was not taken', async () => {
    command('sbatch', 'echo "sbatch: error: invalid partition specified: nope" >&2; exit 1')
    await expect(slurm().submit(2)).rejects.toMatchObject({
      code: 'SchedulerFailed',
      message: 'Slurm did not take the job: sbatch: error: invalid partition specified: nope; exit status 1',
    })
  })

  it('says so where Slurm is not installed', async () => {
    process.env.PATH = join(folder, 'bin')
    await expect(slurm().submit(2)).rejects.toThrow(/sbatch is not found \(run where Slurm is installed/)
  })

  it('tries again when the controller is busy, and adopts what that had taken all the same', async () => {
    command(
      'sbatch',
      `echo x >> ${folder}/calls; echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1`,
    )
    await expect(slurm().submit(2)).rejects.toThrow(/Socket timed out/)
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').length).toBe(4)
    command('squeue', `[ -f ${folder}/asked ] && echo '77|0|PENDING|None'; touch ${folder}/asked`)
    expect(await slurm().submit(2)).toBe('77')
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').length).toBe(5)
  })

  it('tells who runs, who waits and why, and what became of the others', async () => {
    command(
      'squeue',
      "printf '5|0|RUNNING|None\\n5|1|PENDING|Priority\\n5|2|NODE_FAIL|None\\n5|3|OUT_OF_MEMORY|None\\n9|0|RUNNING|None\\n'",
    )
    command('sacct', "echo '5_4|FAILED'")
    const own = slurm()
    expect(await own.look(['5'])).toEqual({
      jobs: new Set(['5']),
      running: 1,
      pending: 1,
      reason: 'Priority',
      runningElements: new Set(['5_0']),
    })
    expect(await own.fate('5_2')).toEqual({ state: 'NODE_FAIL', innocent: true })
    expect(await own.fate('5_3')).toEqual({ state: 'OUT_OF_MEMORY', innocent: false })
    expect(await own.fate('5_4')).toEqual({ state: 'FAILED', innocent: false })
    // Requeued: its earlier run was ended from outside.
    expect(await own.fate('5_1')).toMatchObject({ innocent: true })
    expect(await own.find()).toEqual(['5', '9'])
  })

  it('does without accounts where there are none', async () => {
    command('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1')
    expect(await slurm().fate('5_4')).toBeUndefined()
  })

  it('cancels jobs that are over without complaint', async () => {
    command('scancel', 'echo "scancel: error: Kill job error on job id 5: Invalid job id specified" >&2; exit 1')
    await slurm().cancel(['5'])
    command('scancel', 'echo "scancel: error: Access/permission denied" >&2; exit 1')
    await expect(slurm().cancel(['5'])).rejects.toThrow(/Slurm did not cancel its jobs: scancel: error: Access/)
  })
})
