export { adjudicationLine, readAdjudications } from './log.ts'
export { lastWords, type Outcome, outcomeOf, raterAgreement, summariseAdjudications } from './outcome.ts'
export {
  type Adjudication,
  type AdjudicationDraft,
  type AdjudicationVerdict,
  adjudicationVerdicts,
  type EvidenceAnswer,
  type EvidenceQuestion,
  evidenceAnswers,
  evidenceQuestions,
} from './record.ts'
