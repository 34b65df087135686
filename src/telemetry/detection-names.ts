/** What we expose of detection; part of the one table. */
export const detectionMetrics = {
  findings: {
    name: 'portcullis_findings_total',
    type: 'counter',
    unit: '1',
    help: 'What detectors have found, by what the config says to do about it; shadow: nothing was done.',
    labels: ['detector', 'action', 'shadow'],
  },
  findingsActive: {
    name: 'portcullis_findings_active',
    type: 'gauge',
    unit: '1',
    help: 'Findings that are not over.',
    labels: ['detector'],
  },
  detectionBans: {
    name: 'portcullis_detection_bans_total',
    type: 'counter',
    unit: '1',
    help: 'Bans that a detector asked for, by outcome: made, failed, or held_back because too many were made in the minute.',
    labels: ['detector', 'outcome'],
  },
  observationsLost: {
    name: 'portcullis_detection_observations_lost_total',
    type: 'counter',
    unit: '1',
    help: 'Requests of Envoy’s access log that detection was not told of, because too many came at once.',
    labels: [],
  },
} as const;
