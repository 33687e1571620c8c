import { Component, type ComponentChildren } from "preact";

interface Props {
  /** What could not be drawn, at the start of a sentence. */
  what: string;
  children: ComponentChildren;
}

/** Keeps a fault in one part from taking the rest away. */
export class Guard extends Component<Props, { message: string | null }> {
  override state = { message: null as string | null };

  override componentDidCatch(error: unknown) {
    this.setState({ message: error instanceof Error ? error.message : String(error) });
  }

  override render({ what, children }: Props) {
    if (this.state.message === null) return children;
    return (
      <p class="rd-fault">
        {what} could not be drawn: {this.state.message}{" "}
        <button type="button" onClick={() => this.setState({ message: null })}>
          Try again
        </button>
      </p>
    );
  }
}
