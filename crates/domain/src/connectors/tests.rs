mod breaking;
mod declining;
mod fixtures;
mod planning;
mod ruling;
