import { UpturnError } from '../../errors/index.ts'
import { type JsonNode, type JsonObject, JsonReader } from '../json/parse.ts'
import { jsonLines, readJsonText } from '../json/read.ts'
import {
  alsCodes,
  dayZeroReference,
  diagnosisTerm,
  escorialTerm,
  itemTerms,
  onsetSiteTerms,
  reversalTerm,
  riluzoleTerm,
  type Term,
  totalTerms,
} from '../terms.ts'
import { parseAge, timestampDay } from './ages.ts'
import { Calendar, type DatedField } from './calendar.ts'
import { onsetSiteWords } from './cells.ts'
import { conceptTable, type Meaning, Unread } from './concepts.ts'
import { DayScores, type ScoreName, scoreOf } from './day-scores.ts'
import type { Place } from './findings.ts'
import { LabCollector } from './labs.ts'
import { type ClinicalLayout, isJsonName } from './layout.ts'
import type { Reading } from './reading.ts'

/** Codes that are always known, with what they mean; the study file's `concepts` come before them. */
const knownConcepts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(itemTerms).map(([item, { id }]) => [id, item])),
  [totalTerms['ALSFRS-R'].id]: 'total',
  [totalTerms.ALSFRS.id]: 'alsfrs_total',
  ...Object.fromEntries(alsCodes.map((code) => [code, 'diagnosis'])),
  ...Object.fromEntries(Object.entries(onsetSiteTerms).map(([site, { id }]) => [id, site])),
  [riluzoleTerm.id]: 'riluzole',
}

const looksLike = /"(?:subject|phenotypicFeatures|phenotypic_features|metaData|meta_data|proband|members)"\s*:/

/** GA4GH Phenopackets version 2 as JSON: one phenopacket, family or cohort a file, arrays of them, or one a line (.ndjson). */
export const phenopackets = {
  name: 'phenopackets',
  title: 'GA4GH Phenopackets 2',
  async recognise(files) {
    for (const name of files.names)
      if (isJsonName(name)) {
        const text = await files.beginning(name)
        if (/^\uFEFF?\s*[[{]/.test(text) && looksLike.test(text)) return true
      }
    return false
  },
  async read(reading) {
    const { files, host, signal } = reading
    const state = new PacketState(reading)
    let found = 0
    for (const name of files.names) {
      if (!isJsonName(name)) continue
      found++
      const opened = await host.open(files.pathOf(name))
      const source = { ...opened, name, read: opened.read.bind(opened), size: opened.size }
      try {
        state.file(name)
        if (/\.json$/i.test(name)) state.document(new JsonReader(await readJsonText(source, signal), name))
        else
          for await (const { text, line } of jsonLines(source, signal)) state.document(new JsonReader(text, name, line))
      } finally {
        await opened.close()
      }
      reading.tables.push({ file: name, rows: state.packets, columnsNotRead: [] })
    }
    if (found === 0)
      throw new UpturnError('FileNotFound', 'the folder holds no phenopacket (.json or .ndjson)', {
        place: { file: files.path },
      })
    state.finish()
  },
} as const satisfies ClinicalLayout

/** When something was: at an age or on a date, in days; `span` is how many days later it can have been. */
type Time = { kind: 'age' | 'date'; days: number; span: number; place: Place }

/** Days within a unit: an age of whole years is that age or up to a year more. */
const spans = { year: 364, month: 29, week: 6, day: 0 } as const

interface Person {
  scores: { time: Time; scores: [name: ScoreName, value: number][]; place: Place }[]
  events: { field: DatedField; time: Time }[]
  tests: { time: Time; test: string; value: number; unit: string; line: number; collector: LabCollector }[]
  birth: Time | null
  dayZero: Time | null
}

const get = (node: JsonObject, name: string): JsonNode | undefined => {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const node_ = node.members.get(name) ?? node.members.get(snake)
  return node_?.kind === 'null' ? undefined : node_
}

class PacketState {
  readonly #reading: Reading
  readonly #calendar: Calendar
  readonly #concepts: ReadonlyMap<string, Meaning>
  readonly #unread = new Unread('concept_unread')
  readonly #sections = new Unread('section_unread')
  readonly #people = new Map<string, Person>()
  readonly #withAls = new Set<string>()
  readonly #mutations = new Map<string, Set<string>>()
  /** Phenopackets of the file that is being read. */
  packets = 0
  #collector: LabCollector
  #reader: JsonReader

  constructor(reading: Reading) {
    this.#reading = reading
    this.#calendar = new Calendar(reading)
    this.#concepts = conceptTable(knownConcepts, reading.mapping.concepts)
    this.#collector = new LabCollector('', reading.log)
    this.#reader = new JsonReader('', '')
  }

  file(name: string): void {
    this.packets = 0
    this.#collector = this.#calendar.labs(this.#reading.labs({ file: name } as Parameters<Reading['labs']>[0]))
  }

  #place(node: JsonNode, path: string): Place {
    const { file, line } = this.#reader.place(node.at)
    return { file, line, column: path }
  }

  #invalid(node: JsonNode, path: string): void {
    this.#reading.log.add('value_invalid', this.#place(node, path))
  }

  /** One value of a file. Members of a cohort are read one at a time, so that a large one is never whole in memory. */
  document(reader: JsonReader): void {
    this.#reader = reader
    const first = reader.peek()
    if (first === '[') reader.items(() => this.#top())
    else this.#top()
    reader.end()
  }

  #top(): void {
    const reader = this.#reader
    if (reader.peek() !== '{') reader.fail('a phenopacket, family or cohort is expected: a JSON object')
    const at = reader.at()
    const own = new Map<string, JsonNode>()
    let several = false
    reader.members((name) => {
      if ((name === 'members' || name === 'relatives') && reader.peek() === '[') {
        several = true
        reader.items((index) => {
          this.#packet(this.#object(reader.value(), `${name}[${index}]`), name === 'relatives')
        })
      } else if (name === 'proband') {
        several = true
        this.#packet(this.#object(reader.value(), name), false)
      } else own.set(name, reader.value())
    })
    if (several) {
      for (const [name, node] of own)
        if (!['id', 'description', 'metaData', 'meta_data', 'cohortData'].includes(name))
          this.#sections.add(name, () => this.#place(node, name))
      return
    }
    const packet: JsonObject = { kind: 'object', members: own, at }
    if (get(packet, 'subject') === undefined)
      reader.fail(
        "the object is no phenopacket, family or cohort: it has none of 'subject', 'proband' and 'members'",
        at,
      )
    this.#packet(packet, false)
  }

  #object(node: JsonNode, path: string): JsonObject {
    if (node.kind !== 'object') this.#reader.fail(`${path} must be an object`, node.at)
    return node
  }

  /** A member that must be an object where it is there. */
  #child(node: JsonObject, name: string, path: string): JsonObject | undefined {
    const child = get(node, name)
    if (child === undefined) return undefined
    if (child.kind === 'object') return child
    this.#invalid(child, path)
    return undefined
  }

  #list(node: JsonObject, name: string): [node: JsonObject, path: string][] {
    const child = get(node, name)
    if (child === undefined) return []
    if (child.kind !== 'array') {
      this.#invalid(child, name)
      return []
    }
    return child.items.flatMap((item, k): [JsonObject, string][] => {
      const path = `${name}[${k}]`
      if (item.kind === 'object') return [[item, path]]
      this.#invalid(item, path)
      return []
    })
  }

  #text(node: JsonObject, name: string, path: string): string | null {
    const child = get(node, name)
    if (child === undefined) return null
    if (child.kind !== 'string') {
      this.#invalid(child, path)
      return null
    }
    return child.value.trim() === '' ? null : child.value.trim()
  }

  #term(node: JsonObject | undefined, path: string): Term | null {
    if (node === undefined) return null
    const id = this.#text(node, 'id', `${path}.id`)
    const label = this.#text(node, 'label', `${path}.label`)
    return id === null && label === null ? null : { id: id ?? '', label: label ?? id ?? '' }
  }

  #others(node: JsonObject, read: readonly string[], path: string): void {
    const names = new Set(read)
    for (const [name, child] of node.members) {
      const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      if (!names.has(camel)) this.#sections.add(`${path}${name}`, () => this.#place(child, `${path}${name}`))
    }
  }

  #packet(packet: JsonObject, relative: boolean): void {
    const { log, drafts } = this.#reading
    this.packets++
    const version = this.#child(packet, 'metaData', 'metaData')
    const schema =
      version === undefined
        ? null
        : this.#text(version, 'phenopacketSchemaVersion', 'metaData.phenopacketSchemaVersion')
    if (schema !== null && !/^2(?:\.|$)/.test(schema))
      this.#reader.fail(`the phenopacket is of version ${schema}; version 2 is read`, packet.at)
    const subject = this.#child(packet, 'subject', 'subject')
    const patient = subject === undefined ? null : this.#text(subject, 'id', 'subject.id')
    if (subject === undefined || patient === null) {
      log.add('patient_missing', this.#place(packet, 'subject.id'))
      return
    }
    const place = this.#place(subject, 'subject')
    drafts.of(patient, place)
    let person = this.#people.get(patient)
    if (person === undefined) {
      person = { scores: [], events: [], tests: [], birth: null, dayZero: null }
      this.#people.set(patient, person)
    }
    const before = person.scores.length
    this.#subject(subject, patient, person)
    const als = this.#diseases(packet, patient, person)
    if (als === 'excluded') this.#calendar.exclude(patient, 'not_als', place)
    for (const [measurement, path] of this.#list(packet, 'measurements')) this.#measurement(measurement, path, person)
    for (const [feature, path] of this.#list(packet, 'phenotypicFeatures')) this.#feature(feature, path, person)
    for (const [action, path] of this.#list(packet, 'medicalActions')) this.#action(action, path, patient)
    for (const [interpretation, path] of this.#list(packet, 'interpretations'))
      this.#interpretation(interpretation, path, patient)
    if (version !== undefined)
      for (const [reference] of this.#list(version, 'externalReferences'))
        if (this.#text(reference, 'id', 'id') === dayZeroReference) {
          const text = this.#text(reference, 'description', 'description') ?? ''
          const age = parseAge(text)
          const date = timestampDay(text)
          const at = this.#place(reference, 'metaData.externalReferences')
          if (age !== null) person.dayZero = { kind: 'age', days: age.days, span: 0, place: at }
          else if (date !== null) person.dayZero = { kind: 'date', days: date, span: 0, place: at }
          else log.add('value_invalid', at)
        }
    this.#others(
      packet,
      [
        'id',
        'subject',
        'diseases',
        'measurements',
        'phenotypicFeatures',
        'medicalActions',
        'interpretations',
        'metaData',
      ],
      '',
    )
    if (als === 'none' && !relative) log.add('als_unrecorded', place)
    if (als === 'found' || person.scores.length > before) this.#withAls.add(patient)
    else if (relative && !this.#withAls.has(patient)) this.#calendar.exclude(patient, 'not_als', place)
  }

  #subject(subject: JsonObject, patient: string, person: Person): void {
    const { drafts, log } = this.#reading
    const draft = drafts.of(patient, this.#place(subject, 'subject'))
    const sex = get(subject, 'sex')
    if (sex !== undefined) {
      const word =
        sex.kind === 'string'
          ? sex.value
          : sex.kind === 'number'
            ? ['UNKNOWN_SEX', 'FEMALE', 'MALE', 'OTHER_SEX'][sex.value]
            : undefined
      const place = this.#place(sex, 'subject.sex')
      if (word === 'FEMALE') drafts.set(draft, 'sex', 'female', place)
      else if (word === 'MALE') drafts.set(draft, 'sex', 'male', place)
      else if (word === 'OTHER_SEX') log.add('sex_other', place)
      else if (word !== 'UNKNOWN_SEX' && word !== '') this.#invalid(sex, 'subject.sex')
    }
    const birth = get(subject, 'dateOfBirth')
    if (birth !== undefined) {
      const day = birth.kind === 'string' ? timestampDay(birth.value) : null
      if (day === null) this.#invalid(birth, 'subject.dateOfBirth')
      else person.birth = { kind: 'date', days: day, span: 0, place: this.#place(birth, 'subject.dateOfBirth') }
    }
    const vital = this.#child(subject, 'vitalStatus', 'subject.vitalStatus')
    if (vital !== undefined) {
      const status = get(vital, 'status')
      const word =
        status?.kind === 'string'
          ? status.value
          : status?.kind === 'number'
            ? ['UNKNOWN_STATUS', 'ALIVE', 'DECEASED'][status.value]
            : undefined
      if (status !== undefined && word !== 'UNKNOWN_STATUS' && word !== 'ALIVE' && word !== 'DECEASED')
        this.#invalid(status, 'subject.vitalStatus.status')
      const dead = word === 'DECEASED'
      const time = this.#time(vital, 'timeOfDeath', 'subject.vitalStatus.timeOfDeath')
      if (time !== null && dead) person.events.push({ field: 'death_day', time })
      else if (dead) log.add('death_without_day', this.#place(vital, 'subject.vitalStatus'))
      else if (time !== null) this.#invalid(vital, 'subject.vitalStatus')
      this.#others(vital, ['status', 'timeOfDeath'], 'subject.vitalStatus.')
    }
    this.#others(subject, ['id', 'sex', 'dateOfBirth', 'vitalStatus'], 'subject.')
  }

  /**
   * A time element: an age or a timestamp; of an onset also a range of ages or an interval. What gives no day, a class above all, is
   * null, and said.
   */
  #time(node: JsonObject, name: string, path: string): Time | null {
    const element = this.#child(node, name, path)
    if (element === undefined) return null
    const { log } = this.#reading
    const place = this.#place(element, path)
    const given = ['age', 'ageRange', 'timestamp', 'interval', 'ontologyClass', 'gestationalAge'].filter(
      (kind) => get(element, kind) !== undefined,
    )
    if (given.length !== 1) {
      this.#invalid(element, path)
      return null
    }
    const onset = name === 'onset'
    const [kind] = given
    if (kind === 'age') {
      const age = this.#age(this.#child(element, 'age', path), path)
      if (age === null) return null
      if (age.span > 6) log.add('time_coarse', place)
      return { ...age, kind: 'age', place }
    }
    if (kind === 'timestamp') {
      const date = this.#date(get(element, 'timestamp'), path)
      return date === null ? null : { kind: 'date', days: date, span: 0, place }
    }
    const range = kind === 'ageRange' || kind === 'interval' ? this.#child(element, kind, path) : undefined
    if (!onset || range === undefined) {
      log.add(onset ? 'onset_by_class' : 'day_missing', place)
      return null
    }
    if (kind === 'ageRange') {
      const start = this.#age(this.#child(range, 'start', path), path)
      const end = this.#age(this.#child(range, 'end', path), path)
      if (start === null || end === null) return null
      return { kind: 'age', days: start.days, span: end.days + end.span - start.days, place }
    }
    const start = this.#date(get(range, 'start'), path)
    const end = this.#date(get(range, 'end'), path)
    return start === null || end === null ? null : { kind: 'date', days: start, span: end - start, place }
  }

  #age(node: JsonObject | undefined, path: string): { days: number; span: number } | null {
    if (node === undefined) return null
    const text = this.#text(node, 'iso8601duration', path)
    const age = text === null ? null : parseAge(text)
    if (age === null) this.#invalid(node, path)
    return age === null ? null : { days: age.days, span: spans[age.unit] }
  }

  #date(node: JsonNode | undefined, path: string): number | null {
    if (node === undefined) return null
    const day = node.kind === 'string' ? timestampDay(node.value) : null
    if (day === null) this.#invalid(node, path)
    return day
  }

  #diseases(packet: JsonObject, patient: string, person: Person): 'found' | 'excluded' | 'none' {
    const { drafts } = this.#reading
    let result: 'found' | 'excluded' | 'none' = 'none'
    for (const [disease, path] of this.#list(packet, 'diseases')) {
      const term = this.#term(this.#child(disease, 'term', `${path}.term`), `${path}.term`)
      if (term === null) {
        this.#invalid(disease, `${path}.term`)
        continue
      }
      const meaning = this.#concepts.get(term.id.toUpperCase())
      if (meaning?.kind !== 'day' || meaning.field !== 'diagnosis_day') {
        if (meaning?.kind !== 'ignore') this.#unknown(term, disease, `${path}.term`)
        continue
      }
      const excluded = get(disease, 'excluded')
      if (excluded !== undefined && excluded.kind !== 'boolean') {
        this.#invalid(excluded, `${path}.excluded`)
        continue
      }
      if (excluded?.value === true) {
        if (result === 'none') result = 'excluded'
        continue
      }
      result = 'found'
      const onset = this.#time(disease, 'onset', `${path}.onset`)
      if (onset !== null) person.events.push({ field: 'onset_day', time: onset })
      const draft = drafts.of(patient, this.#place(disease, path))
      const site = this.#term(this.#child(disease, 'primarySite', `${path}.primarySite`), `${path}.primarySite`)
      if (site !== null) {
        const known = this.#concepts.get(site.id.toUpperCase())
        const word = known?.kind === 'site' ? known.site : onsetSiteWords.get(site.label.toLowerCase())
        if (word === undefined) this.#unknown(site, disease, `${path}.primarySite`)
        else drafts.set(draft, 'onset_site', word, this.#place(disease, `${path}.primarySite`))
      }
      for (const [stage, where] of this.#list(disease, 'diseaseStage')) {
        const one = this.#term(stage, `${path}.${where}`)
        if (one?.id === escorialTerm)
          drafts.set(draft, 'el_escorial', one.label, this.#place(stage, `${path}.${where}`))
        else if (one !== null) this.#unknown(one, stage, `${path}.${where}`)
      }
      this.#others(disease, ['term', 'excluded', 'onset', 'primarySite', 'diseaseStage'], 'diseases.')
    }
    return result
  }

  #unknown(term: Term, node: JsonNode, path: string): void {
    this.#unread.add(term.label === term.id ? term.id : `${term.id} (${term.label.slice(0, 60)})`, () =>
      this.#place(node, path),
    )
  }

  #measurement(measurement: JsonObject, path: string, person: Person): void {
    const { log } = this.#reading
    const assay = this.#term(this.#child(measurement, 'assay', `${path}.assay`), `${path}.assay`)
    const values: { term: Term | null; quantity: JsonObject; path: string }[] = []
    const single = this.#child(measurement, 'value', `${path}.value`)
    const complex = this.#child(measurement, 'complexValue', `${path}.complexValue`)
    if (single !== undefined && complex !== undefined) {
      this.#invalid(measurement, path)
      return
    }
    if (single !== undefined) {
      const quantity = this.#child(single, 'quantity', `${path}.value.quantity`)
      if (quantity === undefined) {
        log.add('lab_text', this.#place(single, `${path}.value`))
        return
      }
      values.push({ term: assay, quantity, path: `${path}.value.quantity` })
    } else if (complex !== undefined)
      for (const [typed, where] of this.#list(complex, 'typedQuantities')) {
        const at = `${path}.complexValue.${where}`
        const quantity = this.#child(typed, 'quantity', `${at}.quantity`)
        if (quantity !== undefined)
          values.push({ term: this.#term(this.#child(typed, 'type', `${at}.type`), `${at}.type`), quantity, path: at })
      }
    if (values.length === 0) {
      this.#invalid(measurement, path)
      return
    }
    const time = this.#time(measurement, 'timeObserved', `${path}.timeObserved`)
    if (time === null) {
      if (get(measurement, 'timeObserved') === undefined) log.add('day_missing', this.#place(measurement, path))
      return
    }
    const scores: Person['scores'][number]['scores'] = []
    for (const { term, quantity, path: where } of values) {
      const node = get(quantity, 'value')
      if (term === null || node?.kind !== 'number') {
        this.#invalid(node ?? quantity, where)
        continue
      }
      const meaning = this.#concepts.get(term.id.toUpperCase())
      if (meaning?.kind === 'ignore') continue
      if (meaning?.kind === 'item' || meaning?.kind === 'total') {
        const { name, most } = scoreOf(meaning)
        if (node.value < 0 || node.value > most || !Number.isInteger(node.value)) this.#invalid(node, where)
        else scores.push([name, node.value])
        continue
      }
      if (meaning?.kind !== 'test') this.#unknown(term, quantity, where)
      const unit = this.#term(this.#child(quantity, 'unit', `${where}.unit`), `${where}.unit`)
      const test = meaning?.kind === 'test' ? meaning.test : term.label.toUpperCase()
      const { line } = this.#reader.place(node.at)
      person.tests.push({ time, test, value: node.value, unit: unit?.label ?? '', line, collector: this.#collector })
    }
    if (scores.length > 0) person.scores.push({ time, scores, place: this.#place(measurement, path) })
    this.#others(measurement, ['assay', 'value', 'complexValue', 'timeObserved'], 'measurements.')
  }

  #feature(feature: JsonObject, path: string, person: Person): void {
    const type = this.#term(this.#child(feature, 'type', `${path}.type`), `${path}.type`)
    if (type === null) {
      this.#invalid(feature, path)
      return
    }
    if (type.id === diagnosisTerm.id) {
      const time = this.#time(feature, 'onset', `${path}.onset`)
      if (time !== null) person.events.push({ field: 'diagnosis_day', time })
      return
    }
    if (get(feature, 'resolution') !== undefined)
      this.#reading.log.add('feature_resolved', this.#place(feature, path), { was: `${type.id} (${type.label})` })
    // A call of this project is not read back as a finding.
    if (type.id !== reversalTerm && this.#concepts.get(type.id.toUpperCase())?.kind !== 'ignore')
      this.#unknown(type, feature, `${path}.type`)
  }

  #action(action: JsonObject, path: string, patient: string): void {
    const treatment = this.#child(action, 'treatment', `${path}.treatment`)
    const agent =
      treatment === undefined ? null : this.#term(this.#child(treatment, 'agent', `${path}.agent`), `${path}.agent`)
    if (agent === null) {
      this.#sections.add('medicalActions', () => this.#place(action, path))
      return
    }
    const riluzole =
      this.#concepts.get(agent.id.toUpperCase())?.kind === 'riluzole' || agent.label.toLowerCase() === 'riluzole'
    if (riluzole) {
      const place = this.#place(action, path)
      this.#reading.drafts.of(patient, place).values.set('riluzole', { value: true, place })
    } else this.#unknown(agent, action, path)
  }

  /** A gene with a variant that is called causative or (likely) pathogenic counts as a known mutation. */
  #interpretation(interpretation: JsonObject, path: string, patient: string): void {
    const diagnosis = this.#child(interpretation, 'diagnosis', `${path}.diagnosis`)
    if (diagnosis === undefined) return
    for (const [genomic, where] of this.#list(diagnosis, 'genomicInterpretations')) {
      const at = `${path}.diagnosis.${where}`
      const status = this.#text(genomic, 'interpretationStatus', `${at}.interpretationStatus`)
      const variant = this.#child(genomic, 'variantInterpretation', `${at}.variantInterpretation`)
      const acmg = variant === undefined ? null : this.#text(variant, 'acmgPathogenicityClassification', at)
      if (status !== 'CAUSATIVE' && acmg !== 'PATHOGENIC' && acmg !== 'LIKELY_PATHOGENIC') continue
      const descriptor = variant === undefined ? undefined : this.#child(variant, 'variationDescriptor', at)
      const gene =
        this.#child(genomic, 'gene', `${at}.gene`) ??
        (descriptor === undefined ? undefined : this.#child(descriptor, 'geneContext', `${at}.geneContext`))
      const symbol = gene === undefined ? null : this.#text(gene, 'symbol', `${at}.symbol`)
      if (symbol === null) {
        this.#invalid(genomic, at)
        continue
      }
      const before = this.#mutations.get(patient)
      if (before === undefined) this.#mutations.set(patient, new Set([symbol.toUpperCase()]))
      else before.add(symbol.toUpperCase())
    }
  }

  finish(): void {
    const { drafts, log } = this.#reading
    const days = new DayScores(log)
    const byAge: string[] = []
    for (const [patient, person] of this.#people) {
      const scale = scaleOf(person)
      // On the scale of ages birth is day 0; with a date of birth ages become dates.
      const placed = (time: Time): number | null => {
        if (time.kind === scale) return Math.round(time.days)
        if (scale === 'date' && person.birth !== null) return Math.round(person.birth.days + time.days)
        log.add('day_missing', time.place)
        return null
      }
      for (const { time, scores, place } of person.scores) {
        const date = placed(time)
        if (date !== null) for (const [name, value] of scores) days.add(patient, date, name, value, place)
      }
      for (const { field, time } of person.events) {
        const date = placed(time)
        if (date === null) continue
        if (time.span < 0) log.add('value_invalid', time.place)
        else this.#calendar.event(patient, field, { earliest: date, latest: date + Math.round(time.span) }, time.place)
      }
      for (const { time, test, value, unit, line, collector } of person.tests) {
        const date = placed(time)
        if (date !== null) collector.add(patient, date, test, value, '', unit, line)
      }
      if (scale === 'age') byAge.push(patient)
      else if (person.birth !== null)
        this.#calendar.birth(patient, { earliest: person.birth.days, latest: person.birth.days }, person.birth.place)
      if (person.dayZero !== null) {
        const date = placed(person.dayZero)
        if (date !== null) this.#calendar.origin(patient, date)
      }
    }
    this.#people.clear()
    days.finish(this.#calendar)
    for (const [patient, genes] of this.#mutations) {
      const draft = drafts.drafts.get(patient)
      if (draft !== undefined) drafts.set(draft, 'known_mutation', [...genes].sort().join(' '), draft.place)
    }
    this.#unread.report(log)
    this.#sections.report(log)
    this.#calendar.finish()
    for (const patient of byAge) {
      const draft = drafts.drafts.get(patient)
      const origin = this.#reading.origins.get(patient)
      if (draft !== undefined && origin !== undefined) drafts.setAge(draft, origin / 365.25, draft.place)
    }
  }
}

/** Whether a person's times are ages or dates. Of both, dates where birth is dated, so that ages become dates; else what dates the scores. */
function scaleOf(person: Person): 'age' | 'date' {
  const kinds = [...person.scores, ...person.events, ...person.tests].map(({ time }) => time.kind)
  const ages = kinds.filter((kind) => kind === 'age').length
  if (ages === 0) return 'date'
  if (person.birth !== null) return 'date'
  if (ages === kinds.length) return 'age'
  const scored = person.scores.map(({ time }) => time.kind)
  const byScores = scored.length > 0 ? scored : kinds
  return byScores.filter((kind) => kind === 'age').length * 2 >= byScores.length ? 'age' : 'date'
}
