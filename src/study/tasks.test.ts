import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { tasks } from './tasks.ts'

const source = fileURLToPath(new URL('..', import.meta.url))

it('workers know every task of the project, each under its own name', async () => {
  const declared = readdirSync(source, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing'))
    .flatMap((file) =>
      [...readFileSync(source + file, 'utf8').matchAll(/: ChunkTask<[\s\S]*?> = \{\s*name: '([^']+)'/g)].map(
        (match) => match[1],
      ),
    )
  expect(Object.keys(tasks).sort()).toEqual(declared.sort())
  for (const [name, load] of Object.entries(tasks)) expect((await load()).name).toBe(name)
})
