/** How much of a plan is used up within one span of time. */
export interface UsageWindow {
  /** The span, ms: 5 hours, a week. */
  readonly length: number;
  /** Whole percent, 0 to 100. */
  readonly used: number;
  /** When it begins anew, epoch ms; `null`: not known. */
  readonly resetsAt: number | null;
}

/** What a service tells of the use of a plan; `null` for the windows: it does not tell us. */
export interface UsageView {
  /** The shortest first; none, where the plan has none. */
  readonly windows: readonly UsageWindow[] | null;
}
