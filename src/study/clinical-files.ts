import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UpturnError } from '../errors/index.ts'
import { withPath } from '../host/node/files.ts'
import type { LoadedStudy } from './load.ts'

const isDefinition = (name: string) => /\.ya?ml$/i.test(name) && !name.startsWith('.')

/** Files of definitions at a path: the file itself, or every YAML file of a folder, which must hold one. */
async function filesAt(path: string): Promise<string[]> {
  const information = await withPath(path, () => stat(path))
  if (!information.isDirectory()) return [path]
  const names = (await withPath(path, () => readdir(path))).filter(isDefinition).sort()
  if (names.length === 0)
    throw new UpturnError('FileNotFound', 'the folder holds no definition (*.yaml)', { place: { file: path } })
  return names.map((name) => join(path, name))
}

/** Text of every definition file: those of the package, then one's own, files or folders (absolute paths). */
export async function definitionTexts(own: readonly string[] = []): Promise<{ file: string; text: string }[]> {
  const paths = await filesAt(fileURLToPath(new URL('../../definitions/', import.meta.url)))
  for (const path of own) paths.push(...(await filesAt(path)))
  return Promise.all(
    [...new Set(paths)].map(async (file) => ({ file, text: await withPath(file, () => readFile(file, 'utf8')) })),
  )
}

/** The definitions of a study: those of the package, and what it names under phenotype.definitions. */
export function definitionFiles(loaded: LoadedStudy): Promise<{ file: string; text: string }[]> {
  const given = [loaded.study.phenotype.definitions ?? []].flat()
  return definitionTexts(given.map((path) => resolve(loaded.folder, path)))
}
