import { start } from '../start.tsx';
import { SignIn } from './sign-in.tsx';

start(<SignIn />);
