import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'
import { makeSubjects } from './subjects.ts'

/** Bytes of memory that the whole run may take. */
const memoryBound = 1 << 30
const inputs = Number(process.env.FUZZ_INPUTS ?? 9000)
const seed = Number(process.env.FUZZ_SEED ?? 1)

test(`${inputs} changed inputs give what their bytes say or a refusal that names the file`, async () => {
  const subjects = (await makeSubjects()).filter(({ name }) => name.startsWith(process.env.FUZZ_ONLY ?? ''))
  const counts = await fuzz(subjects, seed, { first: 0, step: 1, end: inputs })
  console.info(
    `fuzz: ${counts.inputs} inputs, seed ${seed}, ${subjects.length} kinds of files: ${counts.accepted} read, ${counts.refused} refused`,
  )
  expect(counts.inputs).toBe(inputs)
  expect(counts.accepted).toBeGreaterThan(0)
  expect(counts.refused).toBeGreaterThan(counts.accepted / 10)
  expect(1024 * process.resourceUsage().maxRSS).toBeLessThan(memoryBound)
})
