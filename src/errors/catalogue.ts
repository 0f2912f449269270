/** One entry a code: what it means and what to do. docs/errors/ is written from it by `npm run docs`. Sorted by area. */
interface CatalogueEntry {
  meaning: string
  remedy: string
}

const catalogue = {
  // any
  Internal: {
    meaning: 'Upturn itself is at fault.',
    remedy: 'Send the report that was written; your data are unharmed.',
  },
  Interrupted: {
    meaning: 'The run was stopped before its end.',
    remedy: 'Run the same command again: it goes on from where it stopped.',
  },
  BadArgument: {
    meaning: 'A command or a function was given a value it cannot take.',
    remedy: 'Correct the value that the message names.',
  },

  // files
  FileNotFound: {
    meaning: 'A file that is named does not exist.',
    remedy: 'Check the path; relative paths are relative to the study file.',
  },
  FileUnreadable: { meaning: 'A file exists but could not be read.', remedy: 'Check its permissions and the disk.' },
  FileTruncated: {
    meaning: 'A file ends before its own structure says it should.',
    remedy: 'Copy or download it again and compare checksums.',
  },
  FileDamaged: {
    meaning: 'Bytes of a file contradict its own structure or checksum.',
    remedy: 'Copy or make the file again.',
  },
  FormatUnknown: { meaning: 'The file is of no kind that Upturn reads.', remedy: 'See docs/formats for what is read.' },
  FormatInvalid: {
    meaning: 'A file breaks the rules of its format.',
    remedy: 'Mend the line that the message names, or make the file again.',
  },
  ReferenceMismatch: {
    meaning: 'Too many variants have no allele of the reference sequence at their place.',
    remedy:
      'Give the FASTA file of the build that the positions are of, or the genotypes on that build and its forward strand.',
  },
  DiskFull: {
    meaning: 'There was no room to write.',
    remedy: 'Free some space or name another folder with --out, then run again.',
  },
  OutputLocked: {
    meaning: 'Another run is writing to the same results folder.',
    remedy: 'Wait for it, stop it, or name another folder with --out.',
  },

  // clusters
  SchedulerFailed: {
    meaning: "The cluster's scheduler refused something, or its jobs ended before they had done anything.",
    remedy: 'The message ends with what the scheduler or the last log said; see docs/clusters.md.',
  },
  ChunkLost: {
    meaning: 'A piece of the work ended the pilots that tried it, or was never finished.',
    remedy: 'Give the pilots more memory or more time, then run again: what is finished is kept.',
  },

  // study file
  StudyInvalid: {
    meaning: 'The study file has mistakes.',
    remedy: 'Each is listed with its line and column and what would be right.',
  },
  SamplesDoNotOverlap: {
    meaning: 'Genotypes and clinical records have no person in common.',
    remedy: 'Make the ids equal, or give a table that maps them.',
  },
  CohortsDisagree: {
    meaning: 'The genotypes of several cohorts cannot be merged.',
    remedy: 'Bring all cohorts to one build and the forward strand; docs/merging.md says what is done with what.',
  },
  NoCases: {
    meaning: 'Nobody is a case by the definition in force.',
    remedy: 'Look at the calls table; choose another definition or add records.',
  },
  NoControls: {
    meaning: 'Nobody is a control by the definition in force.',
    remedy: 'Look at the calls table; choose another group of controls.',
  },

  // statistics
  SeparatedByCovariate: {
    meaning: 'A covariate, alone or together with others, tells every case from every control.',
    remedy:
      'Leave the covariate out (one of them where several are named), or restrict the study to values that both groups have.',
  },
  CollinearCovariates: {
    meaning: 'Covariates are linear combinations of each other.',
    remedy: 'Leave out the covariate that the message names.',
  },
  NoOverlap: {
    meaning: 'The covariates or the strata predict case status so well that relabelling is impossible.',
    remedy:
      'Drop the covariate or the strata, or treat the study as confounded: no adjustment can mend it. In a matched design match more closely on the covariates that are named (`matching.calipers`), or take `design: unmatched`.',
  },
  SexMissing: { meaning: 'Sex is needed and missing.', remedy: 'Record the sex of the people named.' },

  // clinical
  ColumnMissing: {
    meaning: 'A table lacks a column that is needed.',
    remedy: 'Add the column or map it in the study file.',
  },
  ValueInvalid: {
    meaning: 'A cell holds a value that its column cannot have.',
    remedy: 'Correct the cell that the message names.',
  },
  DefinitionInvalid: {
    meaning: 'A phenotype definition file has a mistake.',
    remedy: 'Correct the line that the message names; docs/definitions shows the form.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
export const errorCatalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = catalogue
