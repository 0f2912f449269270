import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** folder -> folders it may import directly; what those may import it may import too. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  numerics: ['errors'],
  statistics: ['numerics'],
  compute: ['errors'],
  results: ['errors'],
  genotypes: ['statistics', 'compute', 'results'],
  clinical: ['statistics', 'compute', 'results'],
  planning: ['statistics', 'compute', 'results'],
  association: ['genotypes', 'clinical', 'planning'],
  locus: ['genotypes', 'clinical', 'planning'],
  simulation: ['genotypes', 'clinical', 'planning'],
  report: ['results', 'numerics'],
  host: ['numerics', 'errors'],
  study: ['association', 'locus', 'simulation', 'report', 'host'],
  server: ['study'],
  cli: ['server'],
}

/** Files that may do what their folder may not, each with its reason. */
const exceptions: Record<string, { imports: readonly string[]; reason: string }> = {
  'host/node/entries': {
    imports: ['*'],
    reason: 'public entries of the package: they install the kernels, then re-export one folder',
  },
}

/** Type-only imports of the host interface are open to everybody: it is the contract that readers and stages receive. */
const openToAll = new Set(['host/host.ts'])

/** Packages and node: modules by folder; everything else is refused. */
const packages: Record<string, readonly string[]> = {
  study: ['node:', 'yaml', 'zod', '@resvg/resvg-js'],
  cli: ['node:', 'commander'],
  server: ['node:'],
  'host/node': ['node:', '@duckdb/node-api'],
  report: ['@observablehq/plot', 'linkedom'],
  clinical: ['yaml', 'zod'],
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory()
      ? files(path)
      : path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/testing/')
        ? [path]
        : []
  })
}

function allowed(folder: string): Set<string> {
  const seen = new Set<string>([folder])
  const queue = [folder]
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    for (const before of mayImport[next] ?? [])
      if (!seen.has(before)) {
        seen.add(before)
        queue.push(before)
      }
  return seen
}

const imports = files(source).flatMap((file) => {
  const text = readFileSync(file, 'utf8')
  const found = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"\n;]*?from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ]
  const multi = [...text.matchAll(/\}\s*from\s+['"]([^'"]+)['"]/g)].map((match) => match[1])
  const specifiers = new Set([...found.map((match) => match[2] ?? match[3]), ...multi])
  return [...specifiers].map((specifier) => ({ file: relative(source, file), specifier }))
})

describe('imports run one way only', () => {
  it('sees the code', () => {
    expect(imports.length).toBeGreaterThan(200)
  })
  it('every top folder is in the table', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && files(join(source, entry.name)).length > 0,
    )
    expect(folders.map((entry) => entry.name).filter((name) => !(name in mayImport))).toEqual([])
  })
  it('between folders', () => {
    const wrong = imports.flatMap(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return []
      const folder = file.split('/')[0]
      const target = relative(source, resolve(source, dirname(file), specifier))
      const targetFolder = target.split('/')[0]
      if (openToAll.has(target) || allowed(folder).has(targetFolder)) return []
      const exception = Object.entries(exceptions).find(([prefix]) => file.startsWith(prefix))?.[1]
      if (exception !== undefined && (exception.imports.includes('*') || exception.imports.includes(targetFolder)))
        return []
      return [`${file} imports ${target}`]
    })
    expect(wrong).toEqual([])
  })
  it('of packages and of node', () => {
    const wrong = imports.flatMap(({ file, specifier }) => {
      if (specifier.startsWith('.')) return []
      const rules = Object.entries(packages).filter(([folder]) => file.startsWith(`${folder}/`))
      const fine = rules.some(([, names]) =>
        names.some((name) => (name === 'node:' ? specifier.startsWith('node:') : specifier === name)),
      )
      return fine ? [] : [`${file} imports ${specifier}`]
    })
    expect(wrong).toEqual([])
  })
})
