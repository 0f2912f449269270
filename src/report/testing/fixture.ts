import { measureEveryone } from '../../clinical/measures/index.ts'
import { alsfrsItems, type Visit } from '../../results/clinical.ts'
import type {
  AncestryRow,
  Biomarker,
  Call,
  CopyHazard,
  GroupRow,
  Locus,
  Patient,
  RegionVariant,
  SampleQuality,
  SourceMeasure,
  StudyResults,
  SurvivalSummary,
  VisitScore,
} from '../../results/index.ts'
import type { AssociationRow, Scan } from '../../results/read.ts'

// A study with a known shape, for looking at figures: nothing here is a measurement of anybody.

/** Mulberry32: small, and apart from the generator whose streams a result depends on. */
function generator(seed: number) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}

const lengthsMb = [
  249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64, 47, 51, 156,
]

export interface FixtureOptions {
  seed?: number
  variants?: number
  people?: number
  /** True reversals, and others whose gain may be noise. */
  cases?: number
  pseudo?: number
  /** Ids that try to break out of the page. */
  hostile?: boolean
  /** The planted locus is missed. */
  nothing?: boolean
  sourceConfounded?: boolean
}

const hostileId = `"><script>alert('id')</script><img src=x onerror=alert(1)>`

/** Medians and quartiles of the samples by source. */
function measuresFixture(samples: readonly SampleQuality[], patients: readonly Patient[]): SourceMeasure[] {
  const measure = (name: string, value: (s: SampleQuality) => number | null, p: number): SourceMeasure => ({
    measure: name,
    bySource: ['blood', 'saliva'].map((source) => {
      const values = samples
        .filter((_, i) => patients[i].dna_source === source)
        .map((s) => value(s) ?? 0)
        .sort((a, b) => a - b)
      const at = (share: number) => values[Math.floor(share * (values.length - 1))]
      return { source, people: values.length, median: at(0.5), low: at(0.25), high: at(0.75) }
    }),
    p,
    differs: p < 0.0125,
  })
  return [
    measure('call rate', (s) => s.call_rate, 0.41),
    measure('heterozygosity F', (s) => s.heterozygosity_f, 0.77),
    measure('transitions to transversions', (s) => s.ti_tv, 3.2e-9),
    measure('depth', (s) => s.depth, 0.52),
  ]
}

export function fixtureResults(options: FixtureOptions = {}): StudyResults {
  const { uniform, normal } = generator(options.seed ?? 7)
  const variants = options.variants ?? 40_000
  const people = options.people ?? 265
  const cases = options.cases ?? 22
  const pseudo = options.pseudo ?? 5
  const name = (i: number) => (options.hostile && i === 3 ? hostileId : `UP${String(i + 1).padStart(4, '0')}`)

  const patients: Patient[] = []
  const visits: VisitScore[] = []
  const groups: GroupRow[] = []
  const calls: Call[] = []
  const definitions = [
    ['large-sustained', 'Large sustained gain'],
    ['slope-180', 'Positive slope over 180 days'],
    ['plateau-6', 'Plateau, 6 months'],
    ['plateau-12', 'Plateau, 12 months'],
    ['plateau-18', 'Plateau, 18 months'],
    ['typical', 'Typical'],
    ['slow', 'Slow'],
    ['rapid', 'Rapid'],
  ]
  const yes = definitions.map(() => new Set<number>())

  for (let i = 0; i < people; i++) {
    const reversal = i < cases + pseudo
    const real = i < cases
    const onset = -Math.round(180 + uniform() * 700)
    const slope = reversal ? -0.5 - uniform() * 0.9 : -Math.max(0.05, 0.92 + normal() * 0.5)
    const start = Math.max(18, Math.min(47, 38 + normal() * 5))
    const turn = 150 + uniform() * 250
    const gain = real ? 7 + uniform() * 12 : reversal ? 4 + uniform() * 2 : 0
    const length = reversal ? 900 + uniform() * 600 : 200 + uniform() * 900
    let last = 0
    const scores: [number, number][] = []
    for (let day = 0; day <= length; day += Math.round(60 + uniform() * 60)) {
      const fall = start + (slope * Math.min(day, reversal ? turn : day)) / 30.44
      const rise = reversal ? gain * Math.min(1, Math.max(0, (day - turn) / 300)) : 0
      const total = Math.max(0, Math.min(48, Math.round(fall + rise + normal() * 1.4)))
      if (!reversal && total < 8) break
      visits.push({ patient: name(i), day, scale: 'ALSFRS-R', total })
      scores.push([day, total])
      last = day
    }
    const nadir = scores.reduce((best, s) => (s[1] < best[1] ? s : best), scores[0])
    const group = reversal ? 'reversal' : slope < -1.5 ? 'rapid' : slope < -0.35 ? 'typical' : 'slow'
    const posterior = real ? 0.9 + uniform() * 0.099 : reversal ? 0.15 + uniform() * 0.5 : uniform() * 0.01
    patients.push({
      patient: name(i),
      cohort: 'star',
      sex: uniform() < 0.42 ? 'female' : 'male',
      age_at_onset: 57 + normal() * 11,
      onset_site: uniform() < 0.25 ? 'bulbar' : 'limb',
      onset_day: onset,
      onset_uncertainty_days: null,
      diagnosis_day: onset + 200,
      first_visit_day: 0,
      last_visit_day: last,
      death_day: !reversal && uniform() < 0.4 ? last + 60 : null,
      el_escorial: 'Probable',
      riluzole: uniform() < 0.6,
      dna_source: reversal ? 'saliva' : 'blood',
      mimic: i === cases + pseudo - 1 ? 'anti-GM1 antibody' : null,
      known_mutation: null,
      sample: null,
    })
    groups.push({
      patient: name(i),
      group,
      case: reversal ? (i === cases + pseudo - 1 ? null : 1) : group === 'typical' ? 0 : null,
      posterior,
      posterior_low: reversal ? posterior * (real ? 0.93 : 0.3) : posterior * 0.2,
      posterior_high: reversal ? 1 - (1 - posterior) * (real ? 0.3 : 0.6) : posterior * 4,
      posterior_items: null,
      p_decline: null,
      p_plateau: null,
      p_transient_gain: null,
      p_small_gain: null,
      p_rating_shift: null,
      p_outlying_visit: null,
      certainty: reversal && posterior < 0.9 ? 'uncertain' : 'confident',
      nadir_day: reversal ? nadir[0] : null,
      nadir_score: reversal ? nadir[1] : null,
      gain: reversal ? gain : null,
      pre_nadir_slope: slope,
      visits: scores.length,
      observed_days: last - onset,
      exclusion: i === cases + pseudo - 1 ? 'mimic' : null,
    })
    if (reversal) yes[0].add(i)
    if (reversal || uniform() < 0.12) yes[1].add(i)
    if (reversal || uniform() < 0.2) yes[2].add(i)
    if (reversal || uniform() < 0.1) yes[3].add(i)
    if (real || uniform() < 0.04) yes[4].add(i)
    if (group === 'typical') yes[5].add(i)
    if (group === 'slow') yes[6].add(i)
    if (group === 'rapid') yes[7].add(i)
    for (const [d, [id]] of definitions.entries())
      calls.push({
        patient: name(i),
        definition: id,
        verdict: yes[d].has(i) ? 'yes' : 'no',
        start_day: nadir[0],
        end_day: last,
        value: gain,
        reason: `score ${nadir[1]} on day ${nadir[0]}, ${gain.toFixed(0)} points regained by day ${last}`,
      })
  }

  // Totals alone: what needs items is missing.
  const noItems = Object.fromEntries(alsfrsItems.map((item) => [item, null]))
  const { people: measures, summary } = measureEveryone(
    patients,
    visits.map((visit) => ({ ...noItems, ...visit }) as Visit),
    [],
  )
  const caseCount = groups.filter((g) => g.case === 1).length
  const controlCount = groups.filter((g) => g.case === 0).length
  const duplicates = 3

  const ancestry: AncestryRow[] = patients.map((p, i) => {
    const other = uniform() < 0.13
    return {
      sample: p.patient,
      pc: [
        other ? 2.3 + normal() * 0.4 : -0.35 + normal() * 0.28,
        normal() * (other ? 1.6 : 0.8),
        ...Array.from({ length: 8 }, () => normal()),
      ],
      outlier: i === people - 125 || i === people - 3,
    }
  })
  const samples: SampleQuality[] = patients.map((p, i) => ({
    sample: p.patient,
    cohort: p.cohort,
    kept: i < cases + pseudo || i % 61 !== 0,
    reason: i < cases + pseudo || i % 61 !== 0 ? null : 'duplicate',
    call_rate: 0.99 + uniform() * 0.009,
    heterozygosity_f: normal() * 0.02,
    ti_tv: (p.dna_source === 'saliva' ? 2.02 : 2.08) + 0.03 * Math.sin(7 * i),
    depth: 31 + 4 * Math.sin(11 * i) * Math.cos(3 * i),
    x_f: p.sex === 'male' ? 0.97 : normal() * 0.05,
    genetic_sex: p.sex ?? 'unknown',
    recorded_sex: p.sex,
  }))

  // The scan: uniform p, plus a peak on chromosome 4 whose height falls with distance.
  const total = lengthsMb.reduce((a, b) => a + b)
  const chromosome = new Uint8Array(variants)
  const position = new Int32Array(variants)
  const negLog10P = new Float64Array(variants)
  let at = 0
  for (const [c, mb] of lengthsMb.entries()) {
    const here = c === lengthsMb.length - 1 ? variants - at : Math.round((variants * mb) / total)
    const places = Array.from({ length: here }, () => Math.floor(uniform() * mb * 1e6)).sort((a, b) => a - b)
    for (const place of places) {
      chromosome[at] = c
      position[at] = place
      negLog10P[at] = uniform() < 0.002 ? Number.NaN : -Math.log10(1 - uniform())
      at++
    }
  }
  const leadPosition = 57_064_512
  const peak = options.nothing ? 4.6 : 7.35
  const region: RegionVariant[] = []
  for (let k = 0; k < 260; k++) {
    const place = leadPosition + Math.round((uniform() - 0.5) * 500_000)
    const near = Math.exp(-Math.abs(place - leadPosition) / 35_000)
    const r2 = Math.max(0.001, Math.min(0.99, near * (0.35 + 0.65 * uniform())))
    const value = Math.max(0.02, peak * r2 * (0.7 + 0.3 * uniform()) - Math.log10(1 - uniform()) * 0.6)
    region.push({ position: place, ref: 'A', alt: 'G', rsid: '', negLog10P: Math.min(value, peak - 0.2), r2 })
  }
  region.push({ position: leadPosition, ref: 'G', alt: 'A', rsid: 'rs4242007', negLog10P: peak, r2: 1 })
  region.sort((a, b) => a.position - b.position)
  const scan: Scan = {
    chromosomes: [...Array.from({ length: 22 }, (_, i) => String(i + 1)), 'X'],
    chromosome,
    position,
    negLog10P,
  }
  for (let k = 0; k < region.length; k++) {
    const slot = Math.floor(variants * (0.29 + 0.00001 * k))
    if (scan.chromosomes[chromosome[slot]] !== '4') continue
    position[slot] = region[k].position
    negLog10P[slot] = region[k].negLog10P
  }

  const lead = {
    chromosome: '4',
    position: leadPosition,
    ref: 'G',
    alt: 'A',
    rsid: options.hostile ? hostileId : 'rs4242007',
    counts: (options.nothing ? [18, 7, 1, 148, 18, 0] : [14, 9, 3, 150, 16, 0]) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ],
    tests: [
      {
        test: 'family',
        p: options.nothing ? 0.62 : 0.011,
        negLog10P: options.nothing ? 0.21 : 1.96,
        or: null,
        low: null,
        high: null,
        note: 'smallest p of all variants, 1,000 label sets',
      },
      {
        test: 'trend_conditional_p',
        p: 10 ** -(peak - 0.4),
        negLog10P: peak - 0.4,
        or: null,
        low: null,
        high: null,
        note: 'conditional on fitted risks',
      },
      {
        test: 'efficient_score_p',
        p: 2e-4,
        negLog10P: 3.7,
        or: null,
        low: null,
        high: null,
        note: 'Monte-Carlo of the efficient score, 3 of 20000 label sets',
      },
      {
        test: 'trend_exact_p',
        p: 10 ** -peak,
        negLog10P: peak,
        or: null,
        low: null,
        high: null,
        note: 'exact conditional trend',
      },
      {
        test: 'trend_midp',
        p: 10 ** -(peak + 0.25),
        negLog10P: peak + 0.25,
        or: null,
        low: null,
        high: null,
        note: 'mid-p of the exact trend',
      },
      {
        test: 'trend_asymptotic',
        p: 10 ** -(peak + 1.9),
        negLog10P: peak + 1.9,
        or: null,
        low: null,
        high: null,
        note: 'Cochran-Armitage, chi-squared; shown for comparison',
      },
      {
        test: 'fisher_p',
        p: 10 ** -(peak - 0.2),
        negLog10P: peak - 0.2,
        or: null,
        low: null,
        high: null,
        note: 'Fisher on 2 × 3',
      },
      {
        test: 'firth_p',
        p: 10 ** -(peak - 0.1),
        negLog10P: peak - 0.1,
        or: 10.6,
        low: 4.2,
        high: 29.7,
        note: 'penalised likelihood ratio, covariates',
      },
      {
        test: 'dominant',
        p: 10 ** -(peak - 1.1),
        negLog10P: peak - 1.1,
        or: 8.2,
        low: 3.1,
        high: 21.4,
        note: 'carriers v others',
      },
      {
        test: 'recessive',
        p: 10 ** -3.1,
        negLog10P: 3.1,
        or: 49.1,
        low: 4.4,
        high: 6650,
        note: 'homozygotes v others',
      },
      {
        test: 'allelic',
        p: 10 ** -(peak + 0.3),
        negLog10P: peak + 0.3,
        or: 10.1,
        low: 4.6,
        high: 22.3,
        note: 'alleles, 2 × 2',
      },
    ],
    permutation: { exceed: 0, sets: 1_000_000, p: 1e-6 },
  }

  const locus: Locus = {
    lead: `4:${leadPosition}:G:A`,
    chromosome: '4',
    position: leadPosition,
    ref: 'G',
    alt: 'A',
    rsid: lead.rsid,
    p: 10 ** -peak,
    negLog10P: peak,
    or: 10.6,
    orLow: 4.2,
    orHigh: 29.7,
    orSe: 0.46,
    firthNegLog10P: peak - 0.1,
    counts: lead.counts,
    status: 'ok',
    flags: '',
    significant: !options.nothing,
    start: leadPosition - 60_000,
    end: leadPosition + 70_000,
    members: region
      .filter((v) => v.r2 > 0.5)
      .map((v) => ({ key: `4:${v.position}:${v.ref}:${v.alt}`, r2: v.r2, p: 10 ** -v.negLog10P })),
    genes: [
      { symbol: 'IGFBP7', start: 57_030_773, end: 57_110_385, strand: '-', distance: 0 },
      { symbol: 'POLR2B', start: 56_977_000, end: 57_031_000, strand: '+', distance: 33_512 },
    ],
    region: {
      start: leadPosition - 250_000,
      end: leadPosition + 250_000,
      variants: region,
      genes: [
        {
          symbol: 'IGFBP7',
          start: 57_030_773,
          end: 57_110_385,
          strand: '-',
          distance: 0,
          exons: [
            [57_030_773, 57_032_100],
            [57_040_200, 57_040_450],
            [57_055_100, 57_055_320],
            [57_109_600, 57_110_385],
          ],
        },
        {
          symbol: 'POLR2B',
          start: 56_977_000,
          end: 57_031_000,
          strand: '+',
          distance: 33_512,
          exons: [
            [56_977_000, 56_977_500],
            [56_990_000, 56_990_400],
            [57_005_000, 57_005_300],
            [57_029_000, 57_031_000],
          ],
        },
        {
          symbol: 'IGFBP7-AS1',
          start: 57_109_900,
          end: 57_180_200,
          strand: '+',
          distance: 45_388,
          exons: [
            [57_109_900, 57_110_200],
            [57_179_800, 57_180_200],
          ],
        },
        {
          symbol: 'NOA1',
          start: 56_963_000,
          end: 56_977_800,
          strand: '-',
          distance: 86_712,
          exons: [
            [56_963_000, 56_965_000],
            [56_976_800, 56_977_800],
          ],
        },
      ],
    },
    credibleSet: [
      { key: `4:${leadPosition}:G:A`, posterior: 0.41 },
      { key: `4:${leadPosition + 1200}:C:T`, posterior: 0.33 },
      { key: `4:${leadPosition - 5400}:A:G`, posterior: 0.21 },
    ],
    sentence: 'The lead lies in an intron of IGFBP7; three variants hold 95% of the posterior.',
  }

  const hazard = (people: number, events: number, ratio: number, p: number): CopyHazard => ({
    status: 'ok',
    people,
    events,
    byCopies: [
      { people: people - 12, events: events - 7 },
      { people: 10, events: 6 },
      { people: 2, events: 1 },
    ],
    ratio,
    low: ratio / 2,
    high: ratio * 2,
    p,
    negLog10P: -Math.log10(p),
    adjustedFor: ['sex', 'age_at_onset'],
    leftOut: [],
  })
  const survival: SurvivalSummary = {
    rule: 'Time from onset, entered at the first visit.',
    left: [{ reason: 'day of onset not known', people: 3 }],
    leads: [
      {
        lead: locus.lead,
        controls: hazard(103, 71, 0.91, 0.78),
        reversal: hazard(125, 22, 4.2, 2.1e-5),
        death: {
          ...hazard(125, 3, 1, 1),
          status: 'few_events',
          ratio: null,
          low: null,
          high: null,
          p: null,
          negLog10P: null,
        },
        incidence: {
          fromDay: 310,
          rareAllele: 'alt',
          groups: (['carriers', 'others'] as const).map((group, g) => ({
            group,
            people: g === 0 ? 21 : 98,
            years: [
              {
                year: 2,
                atRisk: g === 0 ? 15 : 70,
                reversed: g === 0 ? 0.24 : 0,
                reversedLow: g === 0 ? 0.08 : 0,
                reversedHigh: g === 0 ? 0.44 : null,
                died: 0.1,
                diedLow: 0.04,
                diedHigh: 0.2,
              },
            ],
            curve: [410, 520, 640].map((day, k) => ({
              day,
              reversed: g === 0 ? 0.08 * (k + 1) : 0,
              reversedLow: g === 0 ? 0.03 * k : 0,
              reversedHigh: g === 0 ? 0.24 + 0.1 * k : null,
              died: (0.1 * (k + 1)) / 3,
              diedLow: 0.02 * k,
              diedHigh: 0.1 + 0.05 * k,
            })),
          })),
        },
        notes: ['2 people have no call of the lead.'],
        sentence: 'Among 103 controls each copy went with a hazard of death of 0.91 times.',
      },
    ],
    notes: [],
  }

  const igf: Biomarker = {
    name: 'IGF-1',
    unit: 'ng/mL',
    limit: 25,
    n: 0,
    censored: 0,
    points: groups.flatMap((g, i) => {
      if (uniform() < 0.1) return []
      const genotype = g.case === 1 ? (i < 3 ? 2 : i < 12 ? 1 : 0) : uniform() < 0.09 ? 1 : 0
      const value = Math.exp(Math.log(95) + normal() * 0.5 + (g.group === 'reversal' ? 0.35 : 0) + genotype * 0.1)
      const censored = value < 25 || uniform() < 0.015
      return [{ patient: g.patient, group: g.group, genotype, value: censored ? 25 : value, censored }]
    }),
    groups: [],
    contrast: {
      ratio: 1.38,
      low: 1.12,
      high: 1.7,
      p: 0.0028,
      negLog10P: 2.55,
      waldP: 0.0031,
      rankP: 0.006,
      adjustedFor: ['age_at_onset', 'sex'],
    },
    genotype: {
      variant: locus.lead,
      n: 170,
      ratio: 1.14,
      low: 0.95,
      high: 1.37,
      p: 0.16,
      negLog10P: 0.796,
      waldP: 0.16,
      adjustedFor: ['age_at_onset', 'sex', 'group'],
    },
    notes: [],
    sentence: 'IGF-1 was 1.4 times as high in reversals as in typical progressors after adjustment for age and sex.',
  }
  igf.trend = {
    order: ['rapid', 'typical', 'slow', 'reversal'],
    sizes: [4, 46, 7, 7],
    kruskal: { statistic: 9.1, degrees: 3, p: 0.028 },
    trend: { statistic: 512, z: 2.9, p: 0.0037, method: 'exact', draws: 0 },
  }
  igf.survival = {
    status: 'ok',
    people: 64,
    deaths: 31,
    values: 180,
    censored: 5,
    joint: { hazardRatio: 0.82, low: 0.6, high: 1.12, p: 0.21, negLog10P: 0.678 },
    firstValue: { hazardRatio: 0.9, low: 0.71, high: 1.14 },
    adjustedFor: ['age', 'sex'],
  }
  igf.course = {
    status: 'ok',
    people: 12,
    values: 36,
    censored: 2,
    randomSlopes: true,
    groups: (['reversal', 'typical'] as const).map((group, g) => ({
      group,
      people: 6,
      values: 18,
      years: 2,
      start: 110 - 20 * g,
      startLow: 80 - 15 * g,
      startHigh: 150 - 25 * g,
      ratio: 1.05 - 0.1 * g,
      low: 0.95 - 0.1 * g,
      high: 1.16 - 0.1 * g,
    })),
    contrast: { ratio: 1.11, low: 0.96, high: 1.28, p: 0.17, negLog10P: 0.77 },
    lines: Array.from({ length: 12 }, (_, i) => ({
      patient: name(i),
      group: i < 6 ? 'reversal' : 'typical',
      years: [0, 1, 2],
      values: [60 + 11 * i, 64 + 10 * i, 58 + 12 * i],
      censored: [false, false, false],
    })),
  }
  igf.claim = {
    claim: 'People whose ALS reversed have higher IGF-1.',
    verdict: 'supported',
    evidence: 'Published evidence on IGF-1 in ALS is mixed.',
  }
  igf.n = igf.points.length
  igf.censored = igf.points.filter((p) => p.censored).length
  igf.groups = (['reversal', 'typical', 'slow', 'rapid'] as const).map((group) => {
    const values = igf.points.filter((p) => p.group === group).map((p) => Math.log(p.value))
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const half = (1.96 * 0.5) / Math.sqrt(values.length)
    return {
      group,
      n: values.length,
      censored: igf.points.filter((p) => p.group === group && p.censored).length,
      mean: Math.exp(mean),
      low: Math.exp(mean - half),
      high: Math.exp(mean + half),
    }
  })

  const quantiles = Array.from({ length: 220 }, (_, k) => (k + 0.5) / 220).map((q) => q * 4.6)
  const bins = ['1-5', '6-20', '21-60', '61-265', 'all']
  const curve = (or: number) =>
    [10, 20, 30, 40, 60, 80, 120, 160].map((n) => {
      const power = 1 / (1 + Math.exp(-((n * Math.log(or)) / 28 - 1.9)))
      return { cases: n, controls: n * 4, power, low: Math.max(0, power - 0.02), high: Math.min(1, power + 0.02) }
    })
  const needed = (or: number, maf: number, alpha: number, scale: number) => ({
    or,
    maf,
    alpha,
    ratio: 4,
    power: 0.8,
    casesNeeded: Math.round((3.3 * 28 * scale) / Math.log(or)),
    curve: curve(or).map((p) => ({
      ...p,
      cases: Math.round(p.cases * scale),
      controls: Math.round(p.controls * scale),
    })),
  })

  const strongest: AssociationRow[] = region
    .toSorted((a, b) => b.negLog10P - a.negLog10P)
    .slice(0, 12)
    .map((v) => ({
      chromosome: '4',
      position: v.position,
      ref: v.ref,
      alt: v.alt,
      rsid: v.rsid,
      n_cases: caseCount,
      n_controls: controlCount,
      case_ref: 14,
      case_het: 9,
      case_alt: 3,
      control_ref: 150,
      control_het: 16,
      control_alt: 0,
      call_rate: 0.998,
      maf: 0.08,
      hwe_p: 0.62,
      min_attainable_p: 1e-19,
      trend_exact_p: 10 ** -v.negLog10P,
      trend_exact_neglog10p: v.negLog10P,
      primary_p: 10 ** -v.negLog10P,
      primary_neglog10p: v.negLog10P,
      family_p: 0.02,
      family_neglog10p: 1.7,
      firth_p: 10 ** -(v.negLog10P - 0.1),
      firth_neglog10p: v.negLog10P - 0.1,
      or: 9.2,
      or_low: 3.8,
      or_high: 24.4,
      status: 'ok',
      flags: '',
    }))

  const stage = (name: string, files: string[], seconds: number) => ({
    stage: name,
    folder: `${name}-3f9a1c0b`,
    key: '3f9a1c0b5d7e',
    digest: '9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d',
    version: 1,
    cached: false,
    seconds,
    chunks: 25,
    chunksReused: 0,
    files,
  })

  return {
    manifest: {
      upturn: '0.1.0',
      study: options.hostile ? hostileId : 'ALS reversals, discovery',
      seed: 20240815,
      resultDigest: '5a1e9d3f7c2b4860a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4d5e6f7081',
      primary: { test: 'family', alpha: 0.05, frozenAt: 'calibration' },
      stages: [
        stage('visits', ['visits.parquet', 'patients.parquet', 'intake.json'], 0.9),
        stage('calls', ['calls.parquet', 'groups.parquet', 'calls.json'], 2.4),
        stage('genotypes', ['genotypes.json', 'variants.parquet'], 6.2),
        stage('quality', ['quality.json', 'samples.parquet'], 3.8),
        stage('ancestry', ['ancestry.parquet', 'ancestry.json'], 4.1),
        stage('matching', ['matching.parquet', 'matching.json'], 0.4),
        stage('calibration', ['calibration.json'], 8.8),
        stage('association', ['associations.parquet', 'association.json'], 12.7),
        stage('loci', ['loci.json'], 1.1),
        stage('biomarkers', ['biomarkers.json'], 0.3),
        stage('survival', ['survival.json'], 0.2),
        stage('planning', ['plan.json'], 0.8),
      ],
      inputs: [
        {
          path: 'star.vcf.gz',
          bytes: 31_250_112,
          sha256: 'c0ffee254729296a45a3885639ac7e10f9d54979c0ffee254729296a45a38856',
        },
        {
          path: 'clinical/F_ALSFRS_R.csv',
          bytes: 212_882,
          sha256: '39ac7e10f9d54979c0ffee254729296a45a3885639ac7e10f9d54979c0ffee25',
        },
      ],
      machine: { node: 'v20.20.2', platform: 'linux-x64', cores: 2, workers: 2 },
      seconds: 42.3,
      parameters: {
        phenotype: { definition: 'large-sustained', cases: 'reversal', controls: 'typical' },
        covariates: ['sex', 'age_at_onset', 'PC1', 'PC2'],
        quality: { sample_call_rate: 0.97, variant_call_rate: 0.95, maf: 0.01, kinship: 0.0884 },
        matching: { ratio: 4, exact: ['sex'], calipers: { age_at_onset: 10 } },
        primary: { test: 'family', alpha: 0.05 },
        permutations: 1000,
      },
      notice: 'Controlled access: individual-level results. Measured success of a membership attack: AUC 0.97.',
    },
    intake: {
      source: 'pro-act',
      patients: people,
      visits: visits.length,
      labValues: igf.n,
      findings: [
        {
          code: 'ScoreDisagrees',
          message: 'The items do not sum to the recorded total; the items were kept.',
          count: 4,
          action: 'mended',
          where: [{ file: 'F_ALSFRS_R.csv', line: 182, column: 'ALSFRS_R_Total' }],
        },
        {
          code: 'DayMissing',
          message: 'A visit has no day and was left out.',
          count: 2,
          action: 'refused',
          where: [{ file: 'F_ALSFRS_R.csv', line: 91 }],
        },
      ],
    },
    patients,
    visits,
    measures,
    measuresSummary: summary,
    calls,
    groups,
    callsSummary: {
      definition: 'large-sustained',
      definitions: definitions.map(([id, title], d) => ({
        id,
        title,
        version: '1',
        counts: { yes: yes[d].size, no: people - yes[d].size - 8, unconfirmed: 5, ineligible: 3 },
      })),
      agreement: yes.map((a) => yes.map((b) => [...a].filter((i) => b.has(i)).length)),
      kappas: definitions.flatMap(([a], i) =>
        definitions.slice(i + 1).map(([b]) => ({
          a,
          b,
          people: people - 8,
          both: 12,
          kappa: i === 0 ? 0.41 : null,
          low: i === 0 ? 0.22 : null,
          high: i === 0 ? 0.6 : null,
          status: 'ok' as const,
        })),
      ),
      sensitivity: {
        definitions: definitions.map(([id], d) => ({
          id,
          strictness: [{ level: 'none', yes: yes[d].size, unconfirmed: 5 }],
        })),
        variants: [91, 183, 365, 730].map((days) => ({
          parameter: 'days' as const,
          value: days,
          own: days === 365,
          strictness: ['none', 'mimics', 'mimics-and-mutations'].map((level, k) => ({
            level,
            yes: Math.max(0, caseCount + 3 - k - Math.round(days / 100)),
            unconfirmed: Math.round(days / 90),
          })),
        })),
      },
      caseFlow: [
        { step: 'People in the source', people, lost: 0, reason: '' },
        {
          step: 'Records can tell',
          people: people - 3,
          lost: 3,
          reason: 'too few visits or measurements, or too short a time',
        },
        {
          step: 'Called: held as long as asked',
          people: caseCount + 1,
          lost: people - 4 - caseCount,
          reason: 'never gained so much',
        },
        {
          step: 'Called, without a recorded exclusion',
          people: caseCount,
          lost: 1,
          reason: 'a recorded mimic or known mutation',
        },
      ],
      flow: [
        { step: 'People with visits', people, lost: 0, reason: '' },
        {
          step: 'At least three visits over 180 days',
          people: people - 14,
          lost: 14,
          reason: 'too few visits or too short',
        },
        {
          step: 'Diagnosis without a recorded doubt',
          people: people - 15,
          lost: 1,
          reason: 'recorded mimic (antibody)',
        },
        {
          step: 'Reversal or typical',
          people: caseCount + controlCount,
          lost: people - 15 - caseCount - controlCount,
          reason: 'slow, rapid, plateau or unassigned',
        },
      ],
      cases: caseCount,
      controls: controlCount,
      adjudication: {
        entries: 5,
        people: 3,
        confirmed: 1,
        rejected: 1,
        deferred: 0,
        disagreed: 1,
        outdated: 0,
        raters: [
          { who: 'Dr <A>', people: 3 },
          { who: 'Dr B', people: 2 },
        ],
        agreement: [
          {
            a: 'Dr <A>',
            b: 'Dr B',
            categories: ['confirm', 'reject', 'defer'],
            table: [
              [1, 1, 0],
              [0, 0, 0],
              [0, 0, 0],
            ],
            kappa: {
              status: 'ok',
              people: 2,
              observed: 0.5,
              expected: 0.5,
              kappa: 0,
              se: null,
              low: null,
              high: null,
              limits: null,
            },
            confirm: {
              status: 'ok',
              people: 2,
              observed: 0.5,
              expected: 0.5,
              kappa: 0,
              se: null,
              low: null,
              high: null,
              limits: null,
            },
            differ: ['UP0002'],
          },
        ],
        without: { cases: caseCount + 2, controls: controlCount },
        notes: ['1 adjudication is of another definition and was not used.'],
      },
      uncertainCases: pseudo - 1,
      mixedModel: {
        intercept: 38.2,
        slopePerMonth: -0.92,
        sdIntercept: 4.9,
        sdSlope: 0.51,
        correlation: 0.21,
        sdResidual: 1.57,
        growthPerYear: -0.04,
      },
      visitNoise: {
        sd: 1.5,
        tails: 0.1,
        besideItems: null,
        outlying: 0.022,
        neighbours: 0.06,
        early: [-0.4, -0.1],
      },
      priorRange: [0.001, 0.02],
      rates: [
        { name: 'No decline over 6 months', people: 61, eligible: 231, rate: 61 / 231, published: 0.25 },
        { name: 'No decline over 12 months', people: 34, eligible: 180, rate: 34 / 180, published: 0.16 },
        { name: 'No decline over 18 months', people: 12, eligible: 110, rate: 12 / 110, published: 0.07 },
        { name: 'Slope above 0 over 180 days', people: 40, eligible: 222, rate: 40 / 222, published: 0.14 },
        { name: 'At least 4 points for 12 months', people: 27, eligible: 251, rate: 27 / 251, published: null },
      ],
    },
    genotypes: {
      format: 'VCF 4.2',
      build: 'GRCh38',
      files: ['star.vcf.gz'],
      samples: people - 2,
      variants: variants + 3121,
      records: variants + 3100,
      dropped: { 'symbolic allele': 12, 'no alternate allele': 9 },
      reference: null,
      storeDigest: '17c2b4860a1b2c3d',
    },
    quality: {
      samples: {
        total: people - 2,
        kept: people - 2 - 4 - duplicates,
        steps: [
          {
            filter: 'sample call rate',
            rule: 'at least 0.97 of variants called',
            removed: 2,
            remaining: people - 4,
            examples: [name(60)],
          },
          {
            filter: 'heterozygosity',
            rule: 'F within 4 standard deviations',
            removed: 1,
            remaining: people - 5,
            examples: [],
          },
          {
            filter: 'sex check',
            rule: 'recorded and genetic sex agree',
            removed: 1,
            remaining: people - 6,
            examples: [],
          },
          {
            filter: 'duplicates and relatives',
            rule: 'KING-robust kinship below 0.0884',
            removed: duplicates,
            remaining: people - 6 - duplicates,
            examples: [],
          },
        ],
      },
      variants: {
        total: variants + 3121,
        kept: variants,
        steps: [
          {
            filter: 'variant call rate',
            rule: 'at least 0.95 of people called',
            removed: 1406,
            remaining: variants + 1715,
            examples: [],
          },
          {
            filter: 'minor allele frequency',
            rule: 'at least 0.01',
            removed: 1702,
            remaining: variants + 13,
            examples: [],
          },
          { filter: 'strand', rule: 'alleles are A, C, G, T', removed: 13, remaining: variants, examples: [] },
        ],
      },
      pairs: [
        { a: name(61), b: name(122), kinship: 0.498, relationship: 'duplicate', removed: name(122) },
        { a: name(70), b: name(71), kinship: 0.251, relationship: 'sibling', removed: name(71) },
      ],
      sexMismatches: [name(75)],
      notes: [],
    },
    samples,
    ancestry,
    ancestrySummary: {
      components: 10,
      variants: 18_240,
      eigenvalues: [8.1, 2.2, 1.4, 1.3, 1.3, 1.2, 1.2, 1.2, 1.1, 1.1],
      explained: [0.031, 0.0084, 0.0053, 0.005, 0.005, 0.0046, 0.0045, 0.0045, 0.0042, 0.0042],
      outliers: [name(people - 3)],
      rule: 'more than 6 standard deviations on any component',
    },
    matching: {
      method: 'optimal assignment on Mahalanobis distance',
      ratio: 4,
      cases: caseCount,
      matchedCases: caseCount - 1,
      controlsEligible: controlCount - 9,
      controlsMatched: (caseCount - 1) * 4,
      controlsNotAtRisk: 9,
      balance: [
        {
          variable: 'age_at_onset',
          meanCases: 55.2,
          meanControlsBefore: 58.1,
          meanControlsAfter: 55.6,
          smdBefore: -0.27,
          smdAfter: -0.04,
        },
        {
          variable: 'female',
          meanCases: 0.46,
          meanControlsBefore: 0.4,
          meanControlsAfter: 0.46,
          smdBefore: 0.12,
          smdAfter: 0,
        },
        {
          variable: 'PC1',
          meanCases: 0.31,
          meanControlsBefore: -0.04,
          meanControlsAfter: 0.22,
          smdBefore: 0.38,
          smdAfter: 0.09,
        },
        {
          variable: 'PC2',
          meanCases: -0.11,
          meanControlsBefore: 0.02,
          meanControlsAfter: -0.09,
          smdBefore: -0.13,
          smdAfter: -0.02,
        },
        {
          variable: 'bulbar_onset',
          meanCases: 0.19,
          meanControlsBefore: 0.26,
          meanControlsAfter: 0.21,
          smdBefore: -0.17,
          smdAfter: -0.05,
        },
        {
          variable: 'observed_days',
          meanCases: 1510,
          meanControlsBefore: 1088,
          meanControlsAfter: 1466,
          smdBefore: 0.94,
          smdAfter: 0.11,
        },
      ],
      controlsIncomplete: 0,
      totalDistance: 61.2,
      unmatched: [name(2)],
      sets: [],
    },
    matches: [],
    calibration: {
      replicates: 1000,
      design: {
        people: caseCount + controlCount,
        cases: caseCount,
        strata: 1,
        covariates: ['sex', 'age_at_onset', 'PC1', 'PC2'],
        masks: 'conditional on fitted risks',
      },
      tests: [
        ['trend_exact_p', 'conservative', [0.006, 0.021, 0.034, 0.043, 0.031]],
        ['trend_midp', 'calibrated', [0.028, 0.046, 0.049, 0.05, 0.047]],
        ['fisher_p', 'conservative', [0.005, 0.018, 0.027, 0.036, 0.026]],
        ['firth_p', 'calibrated', [0.031, 0.044, 0.048, 0.049, 0.046]],
        ['trend_asymptotic', 'anti-conservative', [0.094, 0.071, 0.058, 0.052, 0.066]],
      ].map(([test, verdict, rates]) => ({
        test: test as string,
        verdict: verdict as 'calibrated',
        sentence: verdict === 'anti-conservative' ? 'This test calls too often: 6.6% where 5% were asked for.' : '',
        rates: (rates as number[]).flatMap((rate, b) =>
          [0.05, 0.001].map((alpha) => {
            const scaled = (rate / 0.05) * alpha
            return {
              bin: bins[b],
              alpha,
              rate: scaled,
              low: scaled * 0.86,
              high: scaled * 1.15,
              variants: 8000,
              replicates: 1000,
            }
          }),
        ),
      })),
      familywise: {
        alpha: 0.05,
        errors: 46,
        replicates: 1000,
        rate: 0.046,
        low: 0.034,
        high: 0.061,
        verdict: 'calibrated',
      },
      power: [2, 4, 6, 8, 12, 16].flatMap((or) =>
        [0.05, 0.1, 0.2].map((maf) => {
          const power = 1 / (1 + Math.exp(-(2.6 * Math.log(or) + 14 * maf - 6.6)))
          return { or, maf, power, low: Math.max(0, power - 0.03), high: Math.min(1, power + 0.03) }
        }),
      ),
      primary: { test: 'family', alpha: 0.05, rule: 'as written in the study file' },
      notes: ['Confounding by source of DNA cannot be simulated without a control group of the same source.'],
      sentence: 'The primary test holds its level on this design: 46 of 1,000 null studies called anything.',
    },
    sources: {
      people: [
        { source: 'blood', cases: 0, controls: controlCount - 3 },
        { source: 'saliva', cases: caseCount, controls: 0 },
      ],
      measures: measuresFixture(samples, patients),
      contrasts: [],
      verdict: 'confounded',
      sentences: [
        'Blood holds only controls, saliva holds only cases: an artefact of a source cannot be told from the disease. Genotype controls from the source of the cases, in the same batch, or the lead by another method in everyone.',
      ],
    },
    association: {
      primary: {
        test: 'family',
        alpha: 0.05,
        significant: !options.nothing,
        p: options.nothing ? 0.62 : 0.011,
        negLog10P: options.nothing ? 0.21 : 1.96,
        sentence: 'Family-wise over all variants tested.',
      },
      cases: caseCount,
      controls: controlCount - 3,
      covariates: ['sex', 'age_at_onset', 'PC1', 'PC2'],
      variantsTested: variants,
      statuses: {
        ok: Math.round(variants * 0.93),
        separated: Math.round(variants * 0.05),
        unreachable: Math.round(variants * 0.02),
      },
      flags: { hwe: 31, differential_missingness: 9 },
      bonferroni: { tests: variants, threshold: 0.05 / variants },
      tarone: { tests: Math.round(variants * 0.62), threshold: 0.05 / (variants * 0.62) },
      families: [
        {
          masks: 'conditional on fitted risks',
          labelSets: 1000,
          variantsTested: variants,
          distinctVariants: Math.round(variants * 0.94),
          minimumP: 10 ** -peak,
          minimumNegLog10P: peak,
          familyP: options.nothing ? 0.62 : 0.011,
          familyPLow: 0.0055,
          familyPHigh: 0.0196,
          threshold: 10 ** -5.4,
          thresholdNegLog10P: 5.4,
          meanOverlap: 0.13,
          skipped: 12_400_000,
        },
        {
          masks: 'uniform',
          labelSets: 1000,
          variantsTested: variants,
          distinctVariants: Math.round(variants * 0.94),
          minimumP: 10 ** -(peak - 0.3),
          minimumNegLog10P: peak - 0.3,
          familyP: 0.014,
          familyPLow: 0.0077,
          familyPHigh: 0.0234,
          threshold: 10 ** -5.3,
          thresholdNegLog10P: 5.3,
          meanOverlap: 0.18,
          skipped: 11_900_000,
        },
      ],
      lambda: 1.01,
      qq: {
        expected: quantiles,
        observed: quantiles.map(
          (q) => q * (q > 3.8 && !options.nothing ? 1 + (q - 3.8) * 0.7 : 1) + Math.sin(q * 3) * 0.03 * q,
        ),
        low: quantiles.map((q) => Math.max(0, q - 0.05 - q * q * 0.035)),
        high: quantiles.map((q) => q + 0.05 + q * q * 0.07),
      },
      lead,
      sourceConfounded: options.sourceConfounded ?? false,
      sourceSentence: options.sourceConfounded
        ? 'All cases gave saliva and all controls gave blood, so an artefact of the source cannot be told from the disease.'
        : null,
    },
    scan,
    strongest,
    regions: {
      rule: '',
      regions: [
        {
          name: 'IGFBP7',
          chromosome: '4',
          start: 57_030_773,
          end: 57_110_385,
          reason: 'near 4:57047510:A:G',
          status: 'ok',
          variants: 4,
          monomorphic: 1,
          frequent: 2,
          poorlyCalled: 0,
          caseCarriers: 3,
          controlCarriers: 5,
          caseAlleles: 3,
          controlAlleles: 5,
          missingCalls: 0,
          method: 'enumeration',
          sets: 256,
          direction: 1,
          rho: 0.25,
          tests: (['burden', 'skat', 'skat_o', 'acat'] as const).map((test, i) => ({
            test,
            p: 0.02 * (i + 1),
            midp: 0.015 * (i + 1),
            low: null,
            high: null,
            minAttainableP: 1e-5,
            asymptoticP: 1e-4,
          })),
          sentence: '',
        },
      ],
      threshold: 0.05,
      leads: [
        {
          lead: '4:57047510:A:G',
          start: 56_797_510,
          end: 57_297_510,
          people: 70,
          conditionalThreshold: 0.001,
          interactionThreshold: 0.001,
          variants: [],
          sentence: 'Given 4:57047510:A:G, nothing is left that the lead does not explain.',
        },
      ],
      matchedLead: {
        sets: 20,
        cases: 20,
        controls: 80,
        tests: [
          {
            test: 'matched_firth_p',
            p: 4.1e-5,
            negLog10P: -Math.log10(4.1e-5),
            or: 8.7,
            low: 2.9,
            high: 31,
            note: 'sensitivity: Firth within 20 matched sets of 20 cases and 80 controls, conditional likelihood',
          },
        ],
      },
      notes: [],
    },
    loci: {
      loci: [locus],
      rule: 'Clumps of 500 kb and r2 >= 0.2 about variants with p below 1e-5',
      notes: [],
    },
    biomarkers: { biomarkers: [igf], notes: ['One value a person, the one nearest to the first visit.'] },
    survival,
    plan: {
      byRatio: [1, 2, 4, 8].map((ratio) => ({
        ratio,
        casesNeeded: Math.round(24 + 40 / ratio),
        controls: Math.round(24 + 40 / ratio) * ratio,
      })),
      lead: locus.lead,
      winnersCurse: {
        observedOr: 10.6,
        z: 5.1,
        se: 0.46,
        threshold: 10 ** -5.4,
        selected: !options.nothing,
        conditionedOn: options.nothing ? 'being the best of all variants' : 'family-wise threshold',
        mle: 6.2,
        mean: 5.4,
        average: 5.8,
        low: 1.4,
        high: 19.5,
      },
      achieved: { or: 5.8, maf: 0.05, alpha: 10 ** -5.4, power: 0.31, low: 0.28, high: 0.34, test: 'exact trend' },
      replication: [needed(10.6, 0.05, 0.05, 0.35), needed(5.8, 0.05, 0.05, 0.55), needed(3, 0.05, 0.05, 0.8)],
      discovery: [
        needed(10.6, 0.05, 10 ** -5.4, 0.9),
        needed(5.8, 0.05, 10 ** -5.4, 1.4),
        needed(3, 0.05, 10 ** -5.4, 2.2),
      ],
      sentence: 'A replication needs 29 new cases with four controls each if the true odds ratio is 5.8.',
      notes: ['Power by simulation with the exact trend test, 2,000 studies a point.'],
    },
    replication: {
      kind: 'control-set robustness',
      missing: [],
      cohort: 'Second controls',
      sharedCases: caseCount,
      cases: caseCount,
      controls: 140,
      loci: [
        {
          lead: locus.lead,
          counts: [14, 9, 3, 128, 12, 0],
          or: 9.8,
          low: 3.9,
          high: 27.2,
          p: 10 ** -6.4,
          negLog10P: 6.4,
          oneSidedP: 10 ** -6.7,
          sameDirection: true,
          replicated: false,
          status: 'ok',
        },
      ],
      sentence:
        'The same cases were set against other controls, so this tests the choice of controls, not the finding in new people.',
    },
  }
}
