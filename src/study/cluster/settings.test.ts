import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { clusterSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'cluster.yaml')
const read = (text: string) => {
  writeFileSync(file, text)
  return clusterSettings({ executor: file })
}

it('reads the command line', async () => {
  expect(await clusterSettings({ executor: 'threads' })).toBeUndefined()
  expect(await clusterSettings({ executor: 'slurm', slurmOptions: '-p x', tasks: 3, localSeconds: 0 })).toMatchObject({
    scheduler: { kind: 'slurm', options: ['-p', 'x'] },
    tasks: 3,
    times: { local: 0, beat: 15_000 },
  })
  expect(await clusterSettings({ executor: 'template', submit: 'qsub {script}', cancel: 'qdel {job}' })).toMatchObject({
    scheduler: { kind: 'template', template: { submit: 'qsub {script}', cancel: 'qdel {job}' } },
  })
})

it('refuses what does not go together', async () => {
  const refused = (flags: Parameters<typeof clusterSettings>[0]) => expect(clusterSettings(flags)).rejects
  await refused({ executor: 'template' }).toThrow(/needs --submit/)
  await refused({ executor: 'sge' }).toThrow(/takes threads, slurm, template or a .yaml file, not sge/)
  await refused({ executor: 'threads', tasks: 2 }).toThrow(/--tasks goes with --executor slurm or template/)
  await refused({ executor: 'threads', slurmOptions: '-p x' }).toThrow(/--slurm-options goes with --executor slurm/)
  await refused({ executor: 'slurm', submit: 'x' }).toThrow(/--submit goes with --executor template/)
  await refused({ executor: join(folder, 'none.yaml') }).toMatchObject({ code: 'FileNotFound' })
})

it('reads a file, times in seconds', async () => {
  expect(
    await read(
      'scheduler: template\nsubmit: qsub -t 1-{tasks} {script}\nstatus: qstat -j {job}\ntasks: 20\nprogram: upturn worker\nseconds: { stale: 60, local: 5 }\n',
    ),
  ).toEqual({
    scheduler: { kind: 'template', template: { submit: 'qsub -t 1-{tasks} {script}', status: 'qstat -j {job}' } },
    tasks: 20,
    program: 'upturn worker',
    times: { beat: 15_000, stale: 60_000, poll: 2_000, watch: 15_000, idle: 180_000, local: 5_000 },
  })
})

it('says where a file is wrong', async () => {
  const wrong = (text: string) => expect(read(text)).rejects
  await wrong('scheduler: slurm\noptoins: -p x\n').toMatchObject({
    code: 'FormatInvalid',
    message: expect.stringMatching(/^optoins: there is no such setting/),
  })
  await wrong('scheduler: slurm\ntasks: many\n').toMatchObject({ place: { file, line: 2, column: 8 } })
  await wrong('scheduler: template\n').toThrow(/submit: missing; it is needed/)
  await wrong('scheduler: slurm\nsubmit: sbatch\n').toThrow(/Slurm needs no commands/)
  await wrong('scheduler: template\nsubmit: x\nrunning: "("\n').toThrow(/no regular expression/)
  await wrong('scheduler: [\n').toThrow(/not valid YAML/)
  await wrong('a: &x [1]\nb: [*x, *x]\n').toThrow(/aliases/)
  await wrong('scheduler: slurm\noptions: --array=0-9\n').toThrow(/set by Upturn itself/)
})
