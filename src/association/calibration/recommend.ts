import type { Calibration, Rate } from '../../results/calibration.ts'
import { sayP } from '../../results/say.ts'
import type { LevelVerdict } from './verdict.ts'

export interface Rivals {
  /** Family-wise level of both. */
  alpha: number
  familywise: { verdict: LevelVerdict; rate: number; low: number; high: number }
  firth: Calibration['tests'][number]
  /** Power over the same odds ratios and frequencies, each at its own threshold. */
  familyPower: Calibration['power']
  firthPower: Calibration['power']
  familyThreshold: number
  bonferroni: number
  replicates: number
}

/**
 * Which test to name primary, by a rule fixed here: the family-wise test of relabelling where its error was not found too large, since its is
 * the only error that null replicates measure at the very level that is used; else Firth at Bonferroni's threshold, where no level tested shows
 * it wrong too often; else neither. Power decides nothing, it is told.
 */
export function recommend(rivals: Rivals): NonNullable<Calibration['recommendation']> {
  const { alpha, familywise, firth, familyThreshold, bonferroni, replicates } = rivals
  const percent = (x: number) => `${(100 * x).toFixed(1)}%`
  const mean = (power: Calibration['power']) => power.reduce((sum, p) => sum + p.power, 0) / power.length
  const [byFamily, byFirth] = [mean(rivals.familyPower), mean(rivals.firthPower)]
  const reach = `Over the odds ratios and frequencies tried it sees ${percent(byFamily)} of effects at its threshold for one variant (p ${sayP(familyThreshold)}), Firth ${percent(byFirth)} at Bonferroni's (p ${sayP(bonferroni)}).`
  const excess = firth.rates.find((r) => r.bin === 'all' && beyond(r))
  const firthWords =
    firth.verdict === 'untested'
      ? 'Firth was not tested'
      : excess === undefined
        ? `Firth was not found wrong too often at the levels tried, but ${replicates} label sets say nothing of p ${sayP(bonferroni)}`
        : `Firth is wrong too often at ${excess.alpha} (${percent(excess.rate)})`
  if (familywise.verdict === 'calibrated' || familywise.verdict === 'conservative')
    return {
      test: 'family',
      sentence: `Name the family-wise test primary: on this design it was wrong in ${percent(familywise.rate)} of null studies (${percent(familywise.low)} to ${percent(familywise.high)}) where ${percent(alpha)} is meant, which is measured at the level that will be used, whatever the correlation of variants; ${firthWords}. ${reach}`,
    }
  if (familywise.verdict === 'uncertain')
    return {
      test: 'family',
      sentence: `Name the family-wise test primary, whose error relabelling controls by its making; ${replicates} label sets are too few to show it here (${percent(familywise.low)} to ${percent(familywise.high)} where ${percent(alpha)} is meant): draw more. ${firthWords[0].toUpperCase()}${firthWords.slice(1)}. ${reach}`,
    }
  if (firth.verdict !== 'untested' && firth.verdict !== 'uncertain' && excess === undefined)
    return {
      test: 'firth',
      sentence: `The family-wise test was wrong in ${percent(familywise.rate)} of null studies where ${percent(alpha)} is meant; name Firth primary at p ${sayP(bonferroni)} (Bonferroni): ${firthWords}. ${reach}`,
    }
  return {
    test: null,
    sentence: `No test can be recommended: the family-wise test was wrong in ${percent(familywise.rate)} of null studies where ${percent(alpha)} is meant, and ${firthWords}. Look for what the label sets of this design leave out.`,
  }
}

/** Surely above its level, by more than a tenth of it. */
const beyond = (r: Rate): boolean => r.low > r.alpha && r.rate > 1.1 * r.alpha
