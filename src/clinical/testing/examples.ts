import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ClinicalSource, readClinical } from '../sources/index.ts'
import { memoryHost } from './memory-host.ts'

/** The files of an example folder of clinical records, by name. */
export function exampleFiles(layout: string): Record<string, string> {
  const folder = fileURLToPath(new URL(`../../../examples/clinical/${layout}/`, import.meta.url))
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(folder + name, 'utf8')]))
}

/** Reads files of a folder; findings are counted by code, and placed as `code file:line column`. */
export async function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  source: Partial<ClinicalSource> = {},
) {
  const host = memoryHost(Object.fromEntries(Object.entries(files).map(([name, text]) => [`d/${name}`, text])))
  const records = await readClinical({ path: 'd', cohort: 'c', ...source }, host, new AbortController().signal)
  const { findings } = records.intake
  return {
    ...records,
    source: records.intake.source,
    counts: Object.fromEntries(findings.map(({ code, count }) => [code, count])),
    places: findings.flatMap(({ code, where }) =>
      where.map(({ file, line, column }) => `${code} ${file}:${line}${column === undefined ? '' : ` ${column}`}`),
    ),
  }
}
