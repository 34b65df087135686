/** What a metric is: its Prometheus name, its kind and the names of its labels. */
export interface MetricSpec {
  readonly name: `portcullis_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A UCUM unit, as OTLP wants it. */
  readonly unit: '1' | 's' | 'By';
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, in seconds; bucketBounds where it says nothing. */
  readonly bounds?: readonly number[];
}

/** Upper bounds of a histogram's buckets, in seconds: decisions are mostly faster than a millisecond. */
export const bucketBounds: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]);

/** The upper bounds of a histogram's buckets, in seconds. */
export const boundsOf = ({ bounds }: MetricSpec): readonly number[] => bounds ?? bucketBounds;
