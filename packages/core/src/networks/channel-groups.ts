/** Places of one axis of a parameter that belong to a channel. */
export interface ChannelPart {
  readonly parameter: string;
  /** Of the parameter's shape, from 0. */
  readonly axis: number;
  /** Ascending. */
  readonly indices: readonly number[];
  /** `output`: of a kernel that gives the channel, or of what follows it value by value; `input`: of a kernel that reads it. */
  readonly side: 'output' | 'input';
}

/** Channels that lie in the same parameters: of one layer, or of several that sums and products couple. */
export interface ChannelGroup {
  /** The first kernel that gives the channels. */
  readonly name: string;
  /** Each can go without the others, but only with all of its parts. */
  readonly channels: readonly (readonly ChannelPart[])[];
}

/** Which channels of a network can go, and with what. */
export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** Kernels all of whose outputs stay, each with the reason: a part of a sentence that begins with "its outputs stay:". */
  readonly kept: readonly { readonly kernel: string; readonly reason: string }[];
}
