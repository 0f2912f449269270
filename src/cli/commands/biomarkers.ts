import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { type LayoutName, layoutNames } from '../../clinical/sources/layouts.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Biomarker, Biomarkers } from '../../results/biomarkers.ts'
import { sayNumber, sayP } from '../../results/say.ts'
import { type CliCommand, list, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { inWorkshop } from '../genotype-options.ts'
import { resultsFolder, runStudyCommand } from './run.ts'

/** What is looked at where nothing is asked for: what is talked of in ALS reversals, and the usual marker of progression. */
const usual = ['IGF-1', 'IGFBP7', 'NfL']

const between = ({ low, high }: { low: number; high: number }): string => `${sayNumber(low)} to ${sayNumber(high)}`

/** One biomarker for people: groups, then each question with its answer. */
function biomarkerText(b: Biomarker): string {
  const line = (name: string, answer: string): string => `    ${name.padEnd(38)} ${answer}`
  const ratio = (r: { ratio: number; low: number; high: number; p: number }): string =>
    `${sayNumber(r.ratio)} (${between(r)})   p ${sayP(r.p)}`
  const lines = [
    `  ${b.name}${b.unit === '' ? '' : `, ${b.unit}`}: ${b.n} people, ${b.censored} outside the range of the assay`,
  ]
  for (const g of b.groups) lines.push(line(`${g.group}, n ${g.n}`, `${sayNumber(g.mean)} (${between(g)})`))
  if (b.contrast !== null) lines.push(line('reversal / typical', ratio(b.contrast)))
  if (b.withBodyMass != null)
    lines.push(
      line(`  with body mass index, n ${b.withBodyMass.n}`, ratio(b.withBodyMass.adjusted)),
      line('  the same people without it', ratio(b.withBodyMass.without)),
    )
  if (b.trend != null)
    lines.push(
      line('any difference (Kruskal-Wallis)', `p ${sayP(b.trend.kruskal.p)}`),
      line(
        `trend ${b.trend.order.join(' < ')}`,
        `p ${sayP(b.trend.trend.p)} (Jonckheere-Terpstra, ${b.trend.trend.method})`,
      ),
    )
  if (b.rate?.ratio != null) lines.push(line('one more point lost a month', ratio(b.rate.ratio)))
  if (b.rate?.spearman != null)
    lines.push(line('  rank correlation', `${b.rate.spearman.rho.toFixed(2)}   p ${sayP(b.rate.spearman.p)}`))
  if (b.genotype !== null) lines.push(line('one more copy of the lead', ratio(b.genotype)))
  for (const g of b.course?.groups ?? [])
    lines.push(line(`a year on, ${g.group}`, `${sayNumber(g.ratio)} (${between(g)})`))
  if (b.course?.contrast != null) lines.push(line('  reversal / typical', ratio(b.course.contrast)))
  if (b.survival?.joint != null)
    lines.push(
      line(
        'death, a doubling (joint model)',
        `${sayNumber(b.survival.joint.hazardRatio)} (${between(b.survival.joint)})   p ${sayP(b.survival.joint.p)}`,
      ),
    )
  lines.push(...b.notes.map((note) => `    ${note}`), `    ${b.sentence}`)
  return lines.join('\n')
}

const biomarkersText = ({ biomarkers, notes }: Biomarkers, where: string): string =>
  [...biomarkers.map(biomarkerText), ...notes, `Written: ${where}`].join('\n')

export const biomarkers: CliCommand = {
  usage: 'biomarkers <study>',
  summary: 'levels by group, rate, time, survival and genotype, of a study or a folder of records',
  define(command) {
    command
      .option('--out <folder>', 'results folder (default: results/ beside the study file, or biomarkers/ for a folder)')
      .option('--tests <names>', 'folder: which tests, comma-separated, or all (default: IGF-1,IGFBP7,NfL)', list)
      .addOption(
        new Option('--plates <how>', 'folder: how plates enter (default: fixed)').choices(['fixed', 'random', 'none']),
      )
      .addOption(
        new Option('--source <name>', 'folder: its layout (default: recognised by its files)').choices([
          ...layoutNames,
        ]),
      )
      .option('--definition <id>', 'folder: who is a reversal (default: large-sustained)')
      .option('--seed <n>', 'of the relabellings of rank tests', Number)
  },
  async run([path], options) {
    if (/\.ya?ml$/i.test(path)) {
      const named = ['tests', 'plates', 'source', 'definition'].find((name) => options[name] !== undefined)
      if (named !== undefined)
        throw new UpturnError('BadArgument', `--${named} is for a folder; a study file says it itself`)
      return runStudyCommand(path, options, 'biomarkers', async (read) => {
        const found = (await read<Biomarkers>('biomarkers.json')) as Biomarkers
        const where = join(resultsFolder(path, options), 'biomarkers.tsv')
        return { text: biomarkersText(found, where), facts: { biomarkers: found } }
      })
    }
    const { analyseBiomarkers, bodyMassTests, testName } = await import('../../clinical/index.ts')
    const { callFolder } = await import('../../study/clinical-folder.ts')
    const { writeBiomarkerTables } = await import('../../study/biomarker-files.ts')
    const { writeFigures } = await import('../../study/figures.ts')
    const { biomarkerSvgs } = await import('../../report/index.ts')
    const { makeFolder } = await import('../../host/node/files.ts')
    const { out, found } = await inWorkshop('biomarkers', options, async (workshop) => {
      const folder = await callFolder(
        {
          path,
          source: options.source as LayoutName | undefined,
          definition: options.definition as string | undefined,
          controls: 'others',
        },
        workshop,
      )
      const asked = (options.tests as string[] | undefined) ?? usual
      const all = asked.length === 1 && asked[0].toLowerCase() === 'all'
      const wanted = new Set(asked.map(testName))
      const labs = folder.laboratory.of((test) => all || wanted.has(testName(test)) || bodyMassTests.has(test))
      const found = analyseBiomarkers(labs, folder.called.groups, folder.patients, null, {
        tests: all ? null : asked,
        leadVariant: null,
        plates: (options.plates as 'fixed' | undefined) ?? 'fixed',
        seed: (options.seed as number | undefined) ?? 1,
      })
      const out = resolve(typeof options.out === 'string' ? options.out : 'biomarkers')
      await makeFolder(out)
      await writeBiomarkerTables((name) => join(out, name), found)
      await writeFigures(join(out, 'figures'), biomarkerSvgs(found))
      return { out, found }
    })
    print(
      options.json
        ? { ok: true, out, ...found }
        : `${biomarkersText(found, out)}\nResearch use only. Nothing here replaces the advice of a doctor.`,
    )
    return exitCode.done
  },
}
