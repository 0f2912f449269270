import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runFolder } from './run-folder.ts'
import { isElementOf, TemplateScheduler } from './template.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn template-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = runFolder(join(folder, "it's here"))
const submitted = (submit: string, job?: string) =>
  new TemplateScheduler(run, { submit, job, cancel: 'true' }).submit(4)

it('fills in what a command needs, quoted for the shell', async () => {
  await submitted(`printf '%s\\n' 1-{tasks} {script} {logs} {name} {other} > '${folder}/said'; echo 1`)
  expect(readFileSync(join(folder, 'said'), 'utf8').split('\n')).toEqual([
    '1-4',
    run.script,
    run.logs,
    expect.stringMatching(/^upturn-[0-9a-f]{12}$/),
    '{other}',
    '',
  ])
})

it('finds the name of the job as SGE, LSF, PBS and others print it', async () => {
  expect(await submitted(`echo 'Your job-array 7.1-4:1 ("pilot.sh") has been submitted'`)).toBe('7')
  expect(await submitted(`echo 'Your job 8 ("pilot.sh") has been submitted'`)).toBe('8')
  expect(await submitted(`echo 'Job <9> is submitted to queue <normal>.'`)).toBe('9')
  expect(await submitted(`echo '1234[].server.org'`)).toBe('1234[].server.org')
  expect(await submitted(`echo '1234.server'`)).toBe('1234.server')
  expect(await submitted(`echo 'submitted 55 pieces'`)).toBe('55')
  expect(await submitted(`echo 'submitted 55 pieces as q-77'`, 'as (\\S+)')).toBe('q-77')
  await expect(submitted('echo hello')).rejects.toThrow(/printed no name of a job: hello/)
})

it('says what a submit command said that failed', async () => {
  await expect(submitted('echo "qsub: would exceed your quota" >&2; exit 25')).rejects.toMatchObject({
    code: 'SchedulerFailed',
    message: 'the scheduler did not take the job: qsub: would exceed your quota; exit status 25',
  })
  await expect(submitted('no-such-command {script}')).rejects.toThrow(/did not take the job: .*not found/)
})

it('asks how jobs are, one by one or in a list', async () => {
  const look = (status: string, patterns: { running?: string; pending?: string } = {}) =>
    new TemplateScheduler(run, { submit: 'true', status, ...patterns }).look(['7', '81'])
  expect(await look('[ {job} = 7 ]')).toMatchObject({ jobs: new Set(['7']), runningElements: null })
  expect(await look("echo '  81 0.5 pilot.sh me r 1'; echo '817 other'; echo '1-7-3 x'")).toMatchObject({
    jobs: new Set(['7', '81']),
  })
  expect(
    await look("printf '81 pilot r 1\\n81 pilot r 2\\n81 pilot qw 3-4\\n7 pilot Eqw\\n'", {
      running: '\\sr\\s',
      pending: '\\sqw\\s',
    }),
  ).toMatchObject({ jobs: new Set(['81']), running: 2, pending: 1 })
  await expect(look('no-such-command')).rejects.toThrow(/did not say how its jobs are/)
  expect(await new TemplateScheduler(run, { submit: 'true' }).look(['7'])).toBeUndefined()
})

it('cancels every job, and forgives those that are over', async () => {
  const over = new TemplateScheduler(run, { submit: 'true', status: 'false {job}', cancel: 'exit 1' })
  await over.cancel(['7'])
  const alive = new TemplateScheduler(run, { submit: 'true', status: 'true {job}', cancel: 'echo denied; exit 1' })
  await expect(alive.cancel(['7'])).rejects.toThrow(/did not cancel its jobs: denied/)
})

it('knows an element of a job however it is written', () => {
  expect(isElementOf('7.3', '7')).toBe(true)
  expect(isElementOf('1234[2].server', '1234[].server')).toBe(true)
  expect(isElementOf('9[4]', '9')).toBe(true)
  expect(isElementOf('71.3', '7')).toBe(false)
})
