import type { Workshop } from '../compute/task.ts'
import { UpturnError } from '../errors/index.ts'
import { BedFileWriter } from '../genotypes/bed/write.ts'
import { VcfFileWriter } from '../genotypes/vcf/write.ts'
import { makeRecord } from './clinic/record.ts'
import { bitAt } from './genome/bits.ts'
import { type Allotment, allotVariants, chromosomes, genomeSegments } from './genome/chromosomes.ts'
import { splitForFst } from './genome/coalescent.ts'
import { deriver } from './genome/derive.ts'
import { haplotypeBytes } from './genome/layout.ts'
import { morgansAt, recombinationMap } from './genome/recombination-map.ts'
import { type KnownSites, type SegmentSetup, segmentTask } from './genome/segment-task.ts'
import { completeOptions, type SimulationOptions } from './options.ts'
import { type CausalModel, solveCausalModel } from './people/causal-model.ts'
import { chooseCausalSite, poolDosages, studySites } from './people/causal-sites.ts'
import { type PoolHaplotypes, poolTask } from './people/pool-task.ts'
import { makeRoster, peopleNeeded, type Roster, type TrueClass } from './people/roster.ts'
import { drawPerson, type Person, traitsOf } from './people/traits.ts'
import { type Truth, truthText } from './truth.ts'
import { type PersonRecord, writeClinicalTables } from './write/clinical-tables.ts'
import { studyText } from './write/study-file.ts'
import { writeText } from './write/text-file.ts'

/** The pool is never sought to be larger: with many cases, reversal is made as common as this needs. */
const largestPool = 60_000

interface Cohort {
  pool: Person[]
  reversals: number
  prevalence: number
  model: CausalModel
  roster: Roster
  dosages: number[]
  sites: KnownSites | null
  causal: { position: number; frequency: number } | null
}

/**
 * Simulates a cohort and writes it to a folder: `genotypes.vcf.gz` with its index, `genotypes.bed/.bim/.fam`, `clinical/` in the
 * PRO-ACT layout, `study.yaml` and `truth.json`; with a second control set `controls_2.*` as well. Same options, same bytes, with
 * any number of workers. See docs/simulation.md for the model.
 */
export async function simulateCohort(
  given: Partial<SimulationOptions>,
  outFolder: string,
  workshop: Workshop,
): Promise<Truth> {
  const options = completeOptions(given)
  const { seed } = options
  const segments = genomeSegments()
  const allotments = options.clinicalOnly ? [] : allotVariants(segments, options.variants)
  const cohort = await findCohort(options, allotments, workshop)
  const { roster, model } = cohort

  const people = roster.members.map((member, i): PersonRecord & { traits: ReturnType<typeof traitsOf> } => {
    const traits = traitsOf(member.person, cohort.dosages[i], model)
    const natural = options.mixture === 'population'
    return { member, traits, record: makeRecord(seed, member, traits, { natural, salivaCases: options.salivaCases }) }
  })
  await writeClinicalTables(workshop.host, `${outFolder}/clinical`, people, !options.clinicalOnly)
  const causalAlleles =
    cohort.sites === null || cohort.causal === null
      ? null
      : await writeGenotypes(options, allotments, roster, cohort.sites, cohort.causal.position, outFolder, workshop)

  const counts: Record<TrueClass, number> = {
    reversal: 0,
    typical: 0,
    slow: 0,
    rapid: 0,
    plateau: 0,
    'pseudo-reversal': 0,
    mimic: 0,
  }
  for (const { record } of people) counts[record.course.trueClass]++
  const { seed: _, ...parameters } = options
  const genotyped = !options.clinicalOnly
  const truth: Truth = {
    format: 1,
    note: 'Simulated: none of these people exists.',
    build: 'GRCh38',
    seed,
    options: parameters,
    causal:
      causalAlleles === null || cohort.causal === null
        ? null
        : {
            ...causalAlleles,
            gene: 'IGFBP7',
            poolFrequency: cohort.causal.frequency,
            effect: options.oddsRatio !== 1,
          },
    model,
    pool: { people: cohort.pool.length, reversals: cohort.reversals, prevalence: cohort.prevalence },
    counts,
    relatives: roster.relatives,
    duplicates: roster.duplicates,
    swaps: roster.swaps,
    controls2: [...roster.controls2],
    people: people.map(({ member, traits, record }, i) => ({
      patient: member.patient,
      sample: genotyped ? member.sample : null,
      ownSample: genotyped ? member.ownSample : null,
      class: record.course.trueClass,
      ancestry: member.person.ancestry === 0 ? 'first' : 'second',
      sex: member.person.male ? 'male' : 'female',
      ageAtOnset: member.person.ageAtOnset,
      dosage: cohort.dosages[i],
      igfbp7: traits.igfbp7,
      freeIgf1: traits.freeIgf1,
      rate: record.course.rate,
      turn:
        record.course.turn === null
          ? null
          : {
              nadir: record.course.turn.nadir,
              complete: record.course.turn.complete,
              gain: record.course.turn.gain,
            },
      deathDay: record.deathDay,
    })),
  }
  if (genotyped) await writeText(workshop.host, `${outFolder}/study.yaml`, studyText(options))
  await writeText(workshop.host, `${outFolder}/truth.json`, truthText(truth))
  return truth
}

/** Looks for cases in a pool, a larger one if the first holds too few, and gives everyone in the study a genome and a dosage. */
async function findCohort(
  options: SimulationOptions,
  allotments: readonly Allotment[],
  workshop: Workshop,
): Promise<Cohort> {
  const { seed, cases, secondAncestry } = options
  const prevalence = Math.max(options.prevalence, (1.5 * cases) / largestPool)
  const person = (index: number) => drawPerson(seed, index, secondAncestry, options.causalFrequency)
  let size = Math.ceil(Math.max((1.5 * cases + (cases > 0 ? 15 : 0)) / prevalence, 1.3 * peopleNeeded(options) + 40))
  for (;;) {
    const pool = Array.from({ length: size }, (_, index) => person(index))
    let haplotypes: PoolHaplotypes | null = null
    let site = { site: -1, frequency: options.causalFrequency }
    let dosages: Uint8Array = Uint8Array.from(pool, ({ binomialDosage }) => binomialDosage)
    if (!options.clinicalOnly) {
      haplotypes = await poolHaplotypes(options, allotments, pool, workshop)
      site = chooseCausalSite(haplotypes, size, options.causalFrequency)
      dosages = poolDosages(haplotypes, size, site.site)
    }
    const model = solveCausalModel({ ...options, prevalence, frequency: site.frequency })
    const reverses = pool.map((one, i) => traitsOf(one, dosages[i], model).reverses)
    const roster = makeRoster(options, pool, reverses, person)
    if (roster === null) {
      size = Math.ceil(1.5 * size)
      continue
    }
    const found = {
      pool,
      reversals: reverses.reduce((sum, one) => sum + (one ? 1 : 0), 0),
      prevalence,
      model,
      roster,
    }
    if (haplotypes === null) {
      // someone made of others has a dosage of their own as well as anyone
      const own = roster.members.map(({ person: one }) => one.binomialDosage)
      return { ...found, dosages: own, sites: null, causal: null }
    }
    const segment = genomeSegments().findIndex(({ causal }) => causal)
    const position = haplotypes.positions[site.site]
    const sites = studySites(seed, haplotypes, site.site, allotments[segment], roster.layout, roster.sources)
    return {
      ...found,
      sites,
      dosages: studyDosages(options, roster, sites, position),
      causal: { position, frequency: site.frequency },
    }
  }
}

async function poolHaplotypes(
  options: SimulationOptions,
  allotments: readonly Allotment[],
  pool: readonly Person[],
  workshop: Workshop,
): Promise<PoolHaplotypes> {
  const segment = genomeSegments().findIndex(({ causal }) => causal)
  const { total, dense } = allotments[segment]
  // many sites vary in the pool and not among the few who are in the study; and one must have the wanted frequency
  const inGene = Math.max(2 * dense, 600)
  const allotment = { total: inGene + 2 * (total - dense), dense: inGene }
  const { seed, effectiveSize, morgansPerMegabase, fst } = options
  const setup = { seed, effectiveSize, morgansPerMegabase, split: splitForFst(fst) }
  const chunk = { ancestry: Uint8Array.from(pool, ({ ancestry }) => ancestry), allotment }
  for await (const result of workshop.run(poolTask, setup, [chunk], { label: 'looking for cases' })) return result
  throw new UpturnError('Internal', 'the pool of people was not simulated')
}

/** Copies of the causal allele of each member, families included. */
function studyDosages(options: SimulationOptions, roster: Roster, sites: KnownSites, position: number): number[] {
  const segments = genomeSegments()
  const segment = segments.find(({ causal }) => causal)!
  const bytes = haplotypeBytes(roster.layout)
  const at = sites.positions.indexOf(position)
  const record = sites.records.slice(at * bytes, (at + 1) * bytes)
  const map = recombinationMap(options.seed, segment, options.morgansPerMegabase)
  const mapLength = (s: { first: number; last: number }) => ((s.last + 1 - s.first) / 1e6) * options.morgansPerMegabase
  const derive = deriver(options.seed, roster.layout, segment, segments, mapLength)
  derive(record, morgansAt(map, Int32Array.of(position))[0])
  return roster.members.map(({ column }) => bitAt(record, column) + bitAt(record, 4 * bytes + column))
}

/** Makes and writes the genotypes; returns the key and the id of the causal variant. */
async function writeGenotypes(
  options: SimulationOptions,
  allotments: readonly Allotment[],
  roster: Roster,
  sites: KnownSites,
  causalPosition: number,
  outFolder: string,
  workshop: Workshop,
): Promise<{ key: string; id: string }> {
  const { host } = workshop
  const segments = genomeSegments()
  const samples = roster.members.map(({ ownSample }) => ownSample)
  const recorded = new Map(
    roster.members.map(({ sample, person }) => [sample, person.male ? 'male' : 'female'] as const),
  )
  const build = 'GRCh38'
  const vcf = options.formats.includes('vcf')
    ? new VcfFileWriter(host, `${outFolder}/genotypes.vcf.gz`, { build, samples, contigs: chromosomes })
    : null
  const bed = options.formats.includes('bed')
    ? new BedFileWriter(host, `${outFolder}/genotypes`, {
        samples,
        sexes: samples.map((sample) => recorded.get(sample) ?? null),
      })
    : null
  const second = roster.layout.outputs.at(1)
  const bed2 =
    second === undefined
      ? null
      : new BedFileWriter(host, `${outFolder}/controls_2`, {
          samples: roster.controls2,
          sexes: roster.controls2.map((_, i) => (roster.layout.male[second.first + i] ? 'male' : 'female')),
        })
  const writers = [vcf, bed, bed2].filter((writer) => writer !== null)
  const setup: SegmentSetup = {
    seed: options.seed,
    layout: roster.layout,
    allotments,
    split: splitForFst(options.fst),
    effectiveSize: options.effectiveSize,
    morgansPerMegabase: options.morgansPerMegabase,
    missingRate: options.missingRate,
    vcf: vcf !== null,
    bed: bed !== null,
  }
  const chunks = segments.map(({ index, causal }) => ({
    segment: index,
    known: causal ? sites : null,
    sought: causal ? causalPosition : 0,
  }))
  const label = 'simulating genotypes'
  const weights = segments.map(({ first, last }) => last - first)
  let causal: { key: string; id: string } | null = null
  let written = 0
  try {
    for await (const batches of workshop.run(segmentTask, setup, chunks, { label, weights })) {
      for (const { variants, bim, sought, outputs } of batches) {
        const [study, other] = outputs
        if (vcf !== null && study.vcf !== null) await vcf.append(study.vcf)
        if (bed !== null && study.bed !== null) await bed.appendLines(bim, variants, study.bed)
        if (bed2 !== null && other?.bed != null) await bed2.appendLines(bim, variants, other.bed)
        causal ??= sought
      }
      written++
      workshop.progress(label, written / segments.length)
    }
    for (const writer of writers) await writer.commit()
  } catch (error) {
    for (const writer of writers) await writer.discard()
    throw error
  }
  if (bed2 !== null) {
    const rows = roster.controls2.map((sample) => `${sample}\ttypical\n`)
    await writeText(host, `${outFolder}/controls_2-calls.tsv`, `sample\tgroup\n${rows.join('')}`)
  }
  if (causal === null) throw new UpturnError('Internal', 'the causal variant is not among those that were written')
  return causal
}
