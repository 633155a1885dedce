import { RouterProvider } from '@tanstack/react-router';
import { start } from '../ui/start.tsx';
import { router } from './router.tsx';
import './control-tower.css';

start(<RouterProvider router={router} />);
