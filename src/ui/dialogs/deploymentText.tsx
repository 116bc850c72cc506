/** docs/deployment.md. Loaded apart from the page: few visitors are administrators. */
import deployment from '../../../docs/deployment.md?raw';
import CardText from './markdown';

/** Without its first heading, which the dialog has. */
const text = deployment.replace(/^# .*\n/, '');

export default function DeploymentText() {
  return <CardText text={text} title="" />;
}
