mod breaking;
mod fixtures;
mod planning;
mod ruling;
