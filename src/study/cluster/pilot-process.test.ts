import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { grantedCores, jobOf } from './pilot-process.ts'

it('names an element of an array by the array and its place, as its batch system does', () => {
  const slurm = { SLURM_ARRAY_JOB_ID: '12', SLURM_ARRAY_TASK_ID: '3', SLURM_JOB_ID: '12' }
  expect(jobOf(slurm, '/logs')).toEqual({ job: '12_3', log: '/logs/12_3.log' })
  expect(jobOf({ SLURM_JOB_ID: '15' }, '/logs').job).toBe('15')
  expect(jobOf({ JOB_ID: '7', SGE_TASK_ID: '2', SGE_STDOUT_PATH: '/x' }, '/logs')).toEqual({ job: '7.2', log: '/x' })
  expect(jobOf({ JOB_ID: '7', SGE_TASK_ID: 'undefined' }, '/logs').job).toBe('7')
  expect(jobOf({ PBS_JOBID: '1234[2].server', PBS_ARRAY_INDEX: '2' }, '/logs').job).toBe('1234[2].server')
  expect(jobOf({ LSB_JOBID: '9', LSB_JOBINDEX: '4' }, '/logs').job).toBe('9[4]')
  expect(jobOf({ LSB_JOBID: '9', LSB_JOBINDEX: '0' }, '/logs').job).toBe('9')
  expect(jobOf({}, '/logs')).toEqual({ job: '', log: null })
})

it('uses the cores that were given, one where nothing is said', () => {
  const most = availableParallelism()
  expect(grantedCores({})).toBe(1)
  expect(grantedCores({ SLURM_CPUS_PER_TASK: '2', SLURM_CPUS_ON_NODE: '8' })).toBe(Math.min(2, most))
  expect(grantedCores({ SLURM_CPUS_PER_TASK: '16', SLURM_CPUS_ON_NODE: '1' })).toBe(1)
  expect(grantedCores({ NSLOTS: '2' })).toBe(Math.min(2, most))
  expect(grantedCores({ NSLOTS: '100000' })).toBe(most)
  expect(grantedCores({ NSLOTS: 'many' })).toBe(1)
})
