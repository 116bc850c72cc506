import { Component, type ReactNode } from 'react';

/** Its children; `instead`, once one of them fails or cannot be loaded. */
export class WhenBroken extends Component<{ instead: ReactNode; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? this.props.instead : this.props.children;
  }
}
